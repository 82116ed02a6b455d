"""`python -m bench.agreement`: what the client saw beside what the server's fields say, for every test type, on a real
Ollama.
"""

from collections.abc import Iterable, Sequence
from statistics import median
from typing import Any

from rich.box import MARKDOWN
from rich.console import Console
from rich.table import Table

from bench.laboratory import laboratory
from common.store import sessions
from common.store.tables import Status, Test
from common.units import NS_PER_MS
from worker import test_types  # noqa: F401 - registers the test types
from worker.workload.test_type import WORKLOADS

Json = dict[str, Any]

TWICE = {"minRepetitions": 2, "maxRepetitions": 2}
FEW: dict[str, Json] = {
    "promptTokens": {"prefill": [128, 512], "context-depth": [64, 512], "prefix-cache": [256], "ttft": [128]},
    "users": {"concurrency": [1, 2, 4]},
    "inputTokens": {"embedding": [128]},
    "batchSize": {"embedding": [1, 8]},
    "loadPercent": {"open-loop": [50]},
    "turns": {"multi-turn": 4},
    "durationSeconds": {"sustained": 10},
}
WIDTH = 120
EXPLANATION = """\
Medians over the requests of each test, and in brackets the furthest of them.
rate: the decode rate by the client's clock, (eval_count - 1) / (last content - first content), against the server's,
  (eval_count - 1) / eval_duration, in percent. The client's span ends with what is shown: a last character that takes
  several tokens is held back, and what the server does between sampling a token and sending it is in one span alone.
TTFT: the first content here less load + queue + prompt_eval of the server's fields, in ms: one way through its HTTP
  server, sampling, and what is held back of a first character. Waiting is in no field but the total, so it is taken as
  total - load - prompt_eval - eval; where it came after the last token, this reads too low by it.
end: the last line here less total_duration, in ms: the request's way in and the last line's way out."""


def main() -> None:
    shown = Table(box=MARKDOWN)
    for heading in ("test type", "requests", "rate, %", "TTFT, ms", "end, ms"):
        shown.add_column(heading, justify="left" if heading == "test type" else "right")
    with laboratory() as lab:
        session = lab.session({kind: options(kind) for kind in sorted(WORKLOADS)})
        print(f"{len(WORKLOADS)} test types on {lab.model()}; this takes some minutes")
        lab.run(session)
        tests = sessions.tests(session.id)
        for test in tests:
            if test.status == Status.COMPLETED:
                shown.add_row(*row(test))
    console = Console(width=WIDTH)
    console.print(shown)
    console.print(EXPLANATION, highlight=False)
    for test in tests:
        if test.status != Status.COMPLETED:
            console.print(f"{test.test_type} was not measured: {test.message}", highlight=False)


def options(kind: str) -> Json:
    """Few runs, and few points of those test types that have many by themselves."""
    known = {option.name for option in WORKLOADS[kind].test_type.options}
    few = {name: by_type[kind] for name, by_type in FEW.items() if kind in by_type}
    return {name: value for name, value in (TWICE | few).items() if name in known}


def row(test: Test) -> list[str]:
    requests = [request for run in sessions.runs(test) for request in run.record["requests"]]
    columns = (spread(map(rate, requests)), spread(map(first, requests)), spread(map(end, requests)))
    return [test.test_type, str(len(requests)), *columns]


def rate(request: Json) -> float | None:
    client, server = (request["figures"][name] for name in ("clientTokensPerSecond", "decodeTokensPerSecond"))
    return float(100 * (client / server - 1)) if client and server else None


def first(request: Json) -> float | None:
    """None for an answer without a stream: nothing comes before its end."""
    server = request["server"]
    if not request["contentUs"] or not server["output_ns"]:
        return None
    return float(request["contentUs"][0] / 1000 - (server["total_ns"] - server["output_ns"]) / NS_PER_MS)


def end(request: Json) -> float:
    return float(request["doneUs"] / 1000 - request["server"]["total_ns"] / NS_PER_MS)


def spread(values: Iterable[float | None]) -> str:
    """`+0.03 (+0.40)`: the median, and the value furthest from it."""
    known = [value for value in values if value is not None]
    return told(known) if known else ""


def told(values: Sequence[float]) -> str:
    middle = median(values)
    return f"{middle:+.2f} ({max(values, key=lambda value: abs(value - middle)):+.2f})"


if __name__ == "__main__":
    main()
