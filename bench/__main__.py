"""`python -m bench`: run a session on the local stack, and measure the delay of its messages and its sampler's cost."""

import time
from statistics import median

import psutil
from rich.console import Console

from cli.progress.ctrl_c import checking, wait_readable
from cli.progress.messages import messages
from cli.server.client import Client
from cli.server.configuration import Connection
from common.environment.settings import settings
from local.ports import free_port
from local.readiness import configured_key
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
        client = Client(Connection(gait.url, configured_key()))
        models = [model["name"] for model in client.get("/models")["models"]]
        sampler = _process(gait, "sampler")
        before, started = sampler.cpu_times(), time.monotonic()
        session_id = client.submit_one(
            {"models": models, "testTypes": list(OPTIONS), "options": OPTIONS, "name": "bench"}
        )
        delays = _delays(client, session_id, gait)
        after, wall = sampler.cpu_times(), time.monotonic() - started
        console.print(_describe(delays))
        share = 100 * (after.user + after.system - before.user - before.system) / wall
        console.print(f"Sampler at {settings().sample_hz:g} Hz: {share:.1f} % of a core, {_megabytes(sampler)} MB")


def _process(gait: Stack, name: str) -> psutil.Process:
    return next(psutil.Process(process.pid) for log, process in gait.processes.items() if log.stem == name)


def _delays(client: Client, session_id: str, gait: Stack) -> list[float]:
    """Return the milliseconds from sending to receiving each message. A message's seq is the time it was sent."""
    wait = checking(wait_readable, gait.check)
    return [time.time() * SECOND_MS - message["seq"] for message in messages(client, session_id, wait)]


def _describe(delays: list[float]) -> str:
    ordered = sorted(delays)
    worst = ordered[int(0.99 * (len(ordered) - 1))]
    return f"WebSocket: {len(ordered)} messages, received {median(ordered):.1f} ms after sending (p99 {worst:.1f} ms)"


def _megabytes(process: psutil.Process) -> int:
    return round(process.memory_info().rss / 1e6)


if __name__ == "__main__":
    main()
