"""Rates of requests: the search for the largest one that is served well, on simulated servers whose rate is known.

The product's own search, arrivals and weight of dependent answers are used. The true rate is that of the steady state,
by queueing theory for exponential times (Erlang 1917), and by a long simulation for nearly constant ones.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from heapq import heapreplace
from itertools import product
from math import exp, inf, isinf
from random import Random
from statistics import fmean, median

from bench.conclusions.share import Share
from bench.conclusions.table import Row
from common.catalogue.options import Options
from common.stats.intervals.median_interval import CONFIDENCE
from common.values.units import NS_PER_S
from worker.test_types.capacity import rate_at, rate_search
from worker.workload.traffic import level_runs
from worker.workload.traffic.level_probes import requests_at
from worker.workload.traffic.open_loop import arrivals_ns

SHARE = 0.95
OPTIONS: Options = {"load": "requestsPerSecond", "ttftObjective": 1000, "maxSeconds": 1800}
OBJECTIVE_S = 1.0
SLOTS = (1, 2, 4, 8)
SERVICES_S = (0.35, 0.8)
PREFILL_S = 0.05
NOISES = {"5 %": 0.05, "exponential": None}
"""Coefficients of variation of the service time, None for exponential times."""
NEAR = (10, 20)
"""Percent that an estimate may be off."""
PERCENT = 100
HALVINGS = 14
LONG_RUN = 10_000
"""Requests of the long simulation for each search."""


@dataclass(frozen=True)
class OpenServer:
    """A server that answers `slots` requests at once, each in `service_s` on average. Others wait in line."""

    slots: int
    service_s: float
    noise: float | None

    def good(self, arrivals_s: Sequence[float], chance: Random) -> tuple[int, float]:
        """Return how many of the requests begin in time, and when the last answer ends."""
        free, good = [0.0] * self.slots, 0
        for at in arrivals_s:
            begin = max(at, free[0])
            heapreplace(free, begin + self.answer_s(chance))
            good += begin + PREFILL_S - at <= OBJECTIVE_S
        return good, max(free)

    def answer_s(self, chance: Random) -> float:
        if self.noise is None:
            return chance.expovariate(1 / self.service_s)
        return self.service_s * max(0.2, chance.gauss(1, self.noise))

    def true_rate(self, arrivals: int) -> float:
        """Return the largest rate at which SHARE of the answers begin in time, in the long run."""
        share = self._exponential_share if self.noise is None else self.long_run(arrivals)
        low, high = 0.0, self.slots / self.service_s
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            low, high = (middle, high) if share(middle) >= SHARE else (low, middle)
        return low

    def _exponential_share(self, rate: float) -> float:
        """Return the share of requests that wait for at most the objective, in M/M/c."""
        offered, blocked = rate * self.service_s, 1.0
        for slots in range(1, self.slots + 1):
            blocked = offered * blocked / (slots + offered * blocked)
        waits = blocked / (1 - offered / self.slots * (1 - blocked))
        return 1 - waits * exp(-(self.slots / self.service_s - rate) * (OBJECTIVE_S - PREFILL_S))

    def long_run(self, arrivals: int) -> Callable[[float], float]:
        """Return the share of good answers by rate, in a simulation with this number of requests."""
        units_s = [at / NS_PER_S for at in arrivals_ns("truth", 1.0, arrivals)]

        def share(rate: float) -> float:
            chance = Random(0)  # noqa: S311 - noise, not a secret
            return self.good([at / rate for at in units_s], chance)[0] / arrivals

        return share


@dataclass(frozen=True)
class FoundRate:
    """The rate that a search has found with its range, and the requests that it sent."""

    rate: float
    low: float
    high: float
    requests: int


def search(server: OpenServer, seed: str) -> FoundRate:
    """Return what the product finds within its time."""
    levels, requests, spent_s = rate_search(SHARE), 0, 0.0
    chance = Random(seed)  # noqa: S311 - noise, not a secret
    first = 1 / server.answer_s(chance)
    while spent_s < OPTIONS["maxSeconds"] and (probe := levels.next()):
        rate = rate_at(probe.level, first)
        number = requests_at(rate, OPTIONS)
        at_s = [at / NS_PER_S for at in arrivals_ns(f"{seed} {requests}", rate, number)]
        good, end_s = server.good(at_s, chance)
        levels.add(probe.level, *level_runs.evidence(OPTIONS, good, number))
        requests, spent_s = requests + number, spent_s + end_s
    found = levels.found()
    high = inf if found.high is None else rate_at(found.high + 1, first)
    return FoundRate(rate_at(found.level, first), rate_at(found.low, first), high, requests)


def rates(cases: int) -> Iterator[Row]:
    """Yield how near the estimates are to the true rate, how often the ranges hold it, and how wide they are."""
    near = [f"within {percent} %" for percent in NEAR]
    held = ("range holds", "lower end above 0", "median of lower ends", "of upper ends", "of widths", "requests")
    yield "slots", "answer", "noise", "requests/s", *near, *held
    for slots, service_s, (shown, noise) in product(SLOTS, SERVICES_S, NOISES.items()):
        server = OpenServer(slots, service_s, noise)
        true = server.true_rate(LONG_RUN * max(2, cases))
        found = [search(server, f"{slots} {service_s} {shown} {case}") for case in range(cases)]
        yield f"{slots}", f"{service_s:g} s", shown, f"{true:.3g}", *_cells(found, true)


def _cells(found: Sequence[FoundRate], true: float) -> Iterator[Share | str]:
    """Yield the cells of a server. An unknown upper end is an infinite one."""
    for percent in NEAR:
        yield Share(sum(abs(each.rate / true - 1) <= percent / PERCENT for each in found), len(found))
    yield Share(sum(each.low <= true <= each.high for each in found), len(found), at_least=CONFIDENCE)
    yield Share(sum(each.low > 0 for each in found), len(found))
    yield _percent(median(each.low for each in found) / true)
    yield _percent(median(each.high for each in found) / true)
    yield _percent(median(each.high - each.low for each in found) / true)
    yield f"{fmean(each.requests for each in found):.0f}"


def _percent(ratio: float) -> str:
    return "unknown" if isinf(ratio) else f"{PERCENT * ratio:.0f} %"
