"""`python -m bench.fidelity.agreement`: the client's times next to a real Ollama's own fields, for every test type."""

from collections.abc import Iterable, Sequence
from statistics import median

from rich.box import MARKDOWN
from rich.console import Console
from rich.table import Table

from bench.support.in_process_session import in_process_sessions
from common.records.runs import RequestRecord
from common.store.reads import sessions
from common.store.tables import Status, Test
from common.values.free_json import Json
from common.values.units import NS_PER_MS
from worker import test_types  # noqa: F401 - registers the test types
from worker.workload.test_type import WORKLOADS

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
Each cell: the median over the requests of a test, and in brackets the request furthest from it.
rate: the decode rate by the client's clock, (eval_count - 1) / (last content - first content), against the server's,
  (eval_count - 1) / eval_duration, in percent. The client's span ends with the text that is shown. A last character of
  several tokens is held back, and the server's work between sampling and sending a token is in one span only.
TTFT: the first content at the client less load + queue + prompt_eval of the server's fields, in ms. It includes the way
  through its HTTP server, sampling, and held-back parts of a first character. Waiting is only in the total, so it is
  total - load - prompt_eval - eval. If some of it came after the last token, this value is too low by that time.
end: the last line at the client less total_duration, in ms: the request's way in and the last line's way out."""


def main() -> None:
    shown = Table(box=MARKDOWN)
    for heading in ("test type", "requests", "rate, %", "TTFT, ms", "end, ms"):
        shown.add_column(heading, justify="left" if heading == "test type" else "right")
    with in_process_sessions() as in_process:
        session = in_process.create({kind: options(kind) for kind in sorted(WORKLOADS)})
        print(f"{len(WORKLOADS)} test types on {in_process.model()}. This takes some minutes.")
        in_process.run(session)
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
    """Return options for few runs, and for few points of the test types that have many by default."""
    known = {option.name for option in WORKLOADS[kind].test_type.options}
    few = {name: by_type[kind] for name, by_type in FEW.items() if kind in by_type}
    return {name: value for name, value in (TWICE | few).items() if name in known}


def row(test: Test) -> list[str]:
    requests = [request for run in sessions.runs(test) for request in run.record["requests"]]
    columns = (spread(map(rate, requests)), spread(map(first, requests)), spread(map(end, requests)))
    return [test.test_type, str(len(requests)), *columns]


def rate(request: RequestRecord) -> float | None:
    metrics = request["figures"]
    client, server = metrics["clientTokensPerSecond"], metrics["decodeTokensPerSecond"]
    return float(100 * (client / server - 1)) if client and server else None


def first(request: RequestRecord) -> float | None:
    """Return the error of the first content, or None for an answer without a stream, which comes all at once."""
    server = request["server"]
    if not request["contentUs"] or not server["output_ns"] or server["total_ns"] is None:
        return None
    return float(request["contentUs"][0] / 1000 - (server["total_ns"] - server["output_ns"]) / NS_PER_MS)


def end(request: RequestRecord) -> float | None:
    total_ns = request["server"]["total_ns"]
    return None if total_ns is None else float(request["doneUs"] / 1000 - total_ns / NS_PER_MS)


def spread(values: Iterable[float | None]) -> str:
    """Format the median and the value furthest from it, as `+0.03 (+0.40)`."""
    known = [value for value in values if value is not None]
    return formatted(known) if known else ""


def formatted(values: Sequence[float]) -> str:
    middle = median(values)
    return f"{middle:+.2f} ({max(values, key=lambda value: abs(value - middle)):+.2f})"


if __name__ == "__main__":
    main()
