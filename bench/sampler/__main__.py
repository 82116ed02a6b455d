"""`python -m bench.sampler`: cost and punctuality of the sampler, on an idle and on a fully loaded machine.

A plain psutil loop that reads the same, and glances, are measured at the same ten readings a second.
"""

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import psutil
from rich.box import MARKDOWN
from rich.console import Console
from rich.table import Table

from bench.sampler import stamps
from bench.support import tool_environment
from local.redis_server import redis_server
from testbed.waiting import until

WARM_S = 2.0
WINDOW_S = 12.0
"""Once idle and once under load: about 85 seconds for three recorders."""
WIDTH = 150
PERIOD_MS = 100.0
MS = 1000
FOLDER = Path("var/recorders")
LOCK = Path("requirements/recorders.txt")
GLANCES = ["--stdout-csv", "cpu,percpu,mem,memswap,gpu", "--time", str(PERIOD_MS / MS)]
EXPLANATION = """\
Period: how far the time between two readings is from 100 ms. In Redis: from the start of a reading until Redis has
stored it. CPU and RSS are of the recorder alone, on the idle machine. glances prints its readings, so its periods are
those of its lines."""

Stamp = tuple[float, float | None]
"""When a reading began and when it was in Redis, in seconds. None if the recorder does not use Redis."""


@dataclass(frozen=True)
class Window:
    """Milliseconds, one for each reading."""

    jitter: list[float]
    in_redis: list[float]


@dataclass(frozen=True)
class Outcome:
    """The cost of a recorder, `cpu` in percent of a core and `rss` in bytes, and its times on either machine."""

    recorder: str
    cpu: float
    rss: int
    idle: Window
    loaded: Window


def main() -> None:
    console, load = Console(width=WIDTH), psutil.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder, redis_server(Path(folder), Path(folder) / "redis.log") as url:
        outcomes = [
            measure("Gait", [sys.executable, "-m", "bench.sampler.stamped_sampler"], url, Path(folder)),
            measure("psutil loop", [sys.executable, "-m", "bench.sampler.plain_loop"], url, Path(folder)),
        ]
        try:
            tool_environment.make(FOLDER, LOCK, "glances", "seconds")
            outcomes.append(measure("glances", [str(FOLDER / "venv/bin/glances"), *GLANCES], url, Path(folder)))
        except tool_environment.ToolFailed as failure:
            print(f"glances is left out: {failure}")
    console.print(table(outcomes))
    console.print(EXPLANATION)
    console.print(f"The machine's load was {load:.2f} before. {os.cpu_count()} busy loops loaded it.")


def measure(name: str, command: list[str], redis_url: str, folder: Path) -> Outcome:
    file = folder / "stamps.json"
    file.unlink(missing_ok=True)
    environment = os.environ | {"REDIS_URL": redis_url, stamps.FILE: str(file), "PYTHONUNBUFFERED": "1"}
    with running(command, environment) as (process, lines):
        until(lambda: lines, f"the first reading of {name}")
        time.sleep(WARM_S)
        before, idle = process.cpu_times(), _window()
        after, rss = process.cpu_times(), process.memory_info().rss
        with full_load():
            loaded = _window()
    taken: list[Stamp] = list(stamps.read(file)) if file.exists() else [(at, None) for at in lines]
    busy = after.user + after.system - before.user - before.system
    return Outcome(name, 100 * busy / (idle[1] - idle[0]), rss, within(taken, *idle), within(taken, *loaded))


@contextmanager
def running(command: list[str], environment: dict[str, str]) -> Iterator[tuple[psutil.Process, list[float]]]:
    """Run a recorder, give its process and the times of its lines, and stop it at the end of the block."""
    lines: list[float] = []
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdout is not None  # noqa: S101 - a pipe was asked for
        follow = threading.Thread(target=_read_times, args=(process.stdout.readline, lines))
        follow.start()
        try:
            yield psutil.Process(process.pid), lines
        finally:
            process.terminate()
            process.wait()
            follow.join()


@contextmanager
def full_load() -> Iterator[None]:
    """Run as many busy loops as the machine has processors."""
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(os.cpu_count() or 1)]
    try:
        time.sleep(1)
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def within(taken: list[Stamp], start: float, end: float) -> Window:
    """Return the jitter and the delays of the readings that began from `start` to `end`, in seconds."""
    chosen = [stamp for stamp in taken if start <= stamp[0] < end]
    periods = [MS * (following[0] - one[0]) for one, following in pairwise(chosen)]
    in_redis = [MS * (done - begun) for begun, done in chosen if done is not None]
    return Window([abs(period - PERIOD_MS) for period in periods], in_redis)


def table(outcomes: list[Outcome]) -> Table:
    shown = Table(box=MARKDOWN)
    shown.add_column("recorder")
    parts = [f"{what} {state}, ms" for what in ("period off", "in Redis") for state in ("idle", "loaded")]
    for heading in ("CPU, % of a core", "RSS, MB", *parts):
        shown.add_column(heading, justify="right")
    for outcome in outcomes:
        idle, loaded = outcome.idle, outcome.loaded
        cells = map(spread, [idle.jitter, loaded.jitter, idle.in_redis, loaded.in_redis])
        shown.add_row(outcome.recorder, f"{outcome.cpu:.2f}", f"{outcome.rss / 1e6:.0f}", *cells)
    shown.caption = "p50 / p99"
    return shown


def spread(values: list[float]) -> str:
    """Format the median and the 99th percentile."""
    ordered = sorted(values)
    if not ordered:
        return "-"
    middle, worst = (ordered[round(share * (len(ordered) - 1))] for share in (0.5, 0.99))
    return f"{middle:.2f} / {worst:.2f}"


def _window() -> tuple[float, float]:
    start = time.monotonic()
    time.sleep(WINDOW_S)
    return start, time.monotonic()


def _read_times(line: Callable[[], bytes], lines: list[float]) -> None:
    while line():
        lines.append(time.monotonic())


if __name__ == "__main__":
    main()
