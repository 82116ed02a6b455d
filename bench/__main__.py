"""`python -m bench`: run a session on the local stack and hold its figures against known truths."""

import time
from statistics import median

import psutil
from rich.console import Console
from rich.table import Table

from common import queries
from common.config import settings
from common.database import database, initialise
from common.models import Run, Test
from local.client import Client, Json
from local.ports import free_port
from local.stack import Stack, stack

SHORT = {"minRepetitions": 5, "maxRepetitions": 10}
OPTIONS = {
    "ttft": SHORT | {"promptTokens": 128, "outputTokens": 64},
    "decode": SHORT | {"promptTokens": 64, "outputTokens": 128},
}
SECOND_MS = 1000


def main() -> None:
    console = Console(highlight=False)
    with stack(free_port(settings().host), console.print) as gait:
        client = Client(gait.url, settings().api_keys)
        models = [model["name"] for model in client.models()]
        sampler = _process(gait, "sampler")
        before, started = sampler.cpu_times(), time.monotonic()
        session_id = client.submit({"models": models, "testTypes": list(OPTIONS), "options": OPTIONS, "name": "bench"})
        delays = _delays(client, session_id, gait)
        after, wall = sampler.cpu_times(), time.monotonic() - started
        console.print(_agreement(session_id))
        console.print(_relay(delays))
        share = 100 * (after.user + after.system - before.user - before.system) / wall
        console.print(f"Sampler at {settings().sample_hz:g} Hz: {share:.1f} % of a core, {_megabytes(sampler)} MB")


def _process(gait: Stack, name: str) -> psutil.Process:
    return next(psutil.Process(process.pid) for log, process in gait.processes.items() if log.stem == name)


def _delays(client: Client, session_id: str, gait: Stack) -> list[float]:
    """Milliseconds from when the worker sent each message until it was here; a message's seq is when it was sent."""
    return [time.time() * SECOND_MS - message["seq"] for message in client.watch(session_id, gait.check)]


def _agreement(session_id: str) -> Table:
    """The decode rate by the client's clock beside the one by the server's fields, both over n - 1 intervals."""
    shown = Table(title="Decode rate by two clocks, medians, tokens/s", title_justify="left")
    for heading in ("Model", "Test", "Runs", "Server", "Client", "Difference"):
        shown.add_column(heading, justify="left" if heading in ("Model", "Test") else "right")
    initialise(settings().database_url)
    with database.connection_context():
        for test in queries.tests(session_id):
            shown.add_row(*_compared(test, queries.runs(test)))
    return shown


def _compared(test: Test, runs: list[Run]) -> list[str]:
    server = median(run.figures["decodeTokensPerSecond"] for run in runs)
    client = median(run.figures["clientTokensPerSecond"] for run in runs)
    difference = median(_difference(run.figures) for run in runs)
    return [test.model, test.test_type, str(len(runs)), f"{server:.2f}", f"{client:.2f}", f"{difference:+.2f} %"]


def _difference(figures: Json) -> float:
    return float(100 * (figures["clientTokensPerSecond"] / figures["decodeTokensPerSecond"] - 1))


def _relay(delays: list[float]) -> str:
    ordered = sorted(delays)
    worst = ordered[int(0.99 * (len(ordered) - 1))]
    return (
        f"WebSocket: {len(ordered)} messages, here {median(ordered):.1f} ms (p99 {worst:.1f} ms) after they were sent"
    )


def _megabytes(process: psutil.Process) -> int:
    return round(process.memory_info().rss / 1e6)


if __name__ == "__main__":
    main()
