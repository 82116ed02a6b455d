"""`python -m bench.queries`: times of reads in a large database, compared with a small one, in Markdown."""

import os
import time

import psutil

from bench.queries.dataset import Dataset
from bench.queries.measure import Times, measure
from bench.queries.servers import KINDS, filled
from bench.support.silent_log import silence

SMALL = 10_000
WANTED_MS, WANTED_GROWTH = 50, 2
ALIKE = 1.2
"""Answers are of the same size if the larger is at most this many times as long."""
HEAD = "| read | first | p50 | p95 | p95 of {small:,} | growth of p50 | kB | kB of {small:,} |"


def main() -> None:
    silence()
    scale = int(os.environ.get("SCALE") or 1_000_000)
    for kind in os.environ.get("DATABASES", " ".join(KINDS)).split():
        load = psutil.getloadavg()[0]
        small, large = (_measured(kind, Dataset(results)) for results in (SMALL, scale))
        print(f"\n{kind}, {scale:,} results. Load average before: {load:.2f}.\n")
        print(HEAD.format(small=SMALL), "|---|---|---|---|---|---|---|---|", sep="\n")
        for name, times in large.items():
            print(row(name, times, small[name]))
        print(summary(large, small), flush=True)


def _measured(kind: str, data: Dataset) -> dict[str, Times]:
    started = time.monotonic()
    with filled(kind, data) as url:
        print(f"{kind} with {data.results:,} results is ready after {time.monotonic() - started:.0f} s.", flush=True)
        return measure(url, data)


def row(name: str, large: Times, small: Times) -> str:
    numbers = f"{large.first:.0f} ms | {large.p50:.1f} ms | {large.p95:.1f} ms | {small.p95:.1f} ms"
    return f"| {name} | {numbers} | {large.p50 / small.p50:.1f} × | {large.size:.1f} | {small.size:.1f} |"


def summary(large: dict[str, Times], small: dict[str, Times]) -> str:
    slow = [name for name, times in large.items() if times.p95 > WANTED_MS]
    grown = [name for name, times in large.items() if times.p50 > WANTED_GROWTH * small[name].p50]
    longer = [name for name, times in large.items() if times.size > ALIKE * small[name].size]
    shorter = [name for name, times in large.items() if small[name].size > ALIKE * times.size]
    return (
        f"\np95 above {WANTED_MS} ms: {', '.join(slow) or 'none'}."
        f"\nGrowth above {WANTED_GROWTH} ×: {', '.join(grown) or 'none'}."
        f"\nAnswers more than {ALIKE} × as long as in {SMALL:,}: {', '.join(longer) or 'none'}."
        f"\nAnswers less than 1/{ALIKE} as long: {', '.join(shorter) or 'none'}."
    )


if __name__ == "__main__":
    main()
