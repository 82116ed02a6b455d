"""The tables of the metrics."""

import re

from common.catalogue.metrics import METRICS, Metric, of_answers, of_loads, of_machines, of_requests
from testbed.documentation.reference.markdown import code, table

SUBJECTS = {
    "One request": of_requests.DECLARED,
    "Many requests at once": of_loads.DECLARED,
    "The machine, and long series": of_machines.DECLARED,
    "Embeddings, memory, thinking and answers": of_answers.DECLARED,
}
HEAD = ("metric", "shown as", "unit", "better", "meaning")
FIELD = re.compile(r"\b(?:[a-z]+_[a-z_]+|" + "|".join(METRICS) + r")\b|/api/[a-z]+")
"""Fields of Ollama and names of metrics in a meaning."""


def metrics() -> str:
    """Return a table for each subject, under its heading."""
    return "\n\n".join(f"## {subject}\n\n{table(HEAD, map(_row, declared))}" for subject, declared in SUBJECTS.items())


def _row(metric: Metric) -> tuple[str, ...]:
    better = "–" if metric.better == "neither" else metric.better
    return code(metric.name), metric.label, metric.unit, better, FIELD.sub(r"`\g<0>`", metric.description)
