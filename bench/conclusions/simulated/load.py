"""Loads of many users: the search for the capacity and the knee of a throughput curve, on simulated servers.

The product's own search (`LevelSearch`), window (`Rounds`) and knee are used. The servers have slots, and a queue.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from heapq import heappop, heappush, heapreplace
from itertools import product
from math import ceil
from random import Random
from statistics import fmean, stdev

from bench.conclusions.share import Ratio, Share
from bench.conclusions.table import Row
from common.stats.searching.knee import knee
from common.stats.searching.level_search import CONFIDENCE, Found, LevelSearch
from common.values.units import NS_PER_S
from worker.workload.traffic.level_probes import SHORTEST
from worker.workload.traffic.rounds import Rounds

SHARE = 0.95
OBJECTIVE_S = 1.0
MAX_USERS = 64
SLOTS = (1, 2, 4, 8)
SERVICES_S = (0.35, 0.8)
NOISES = (0.0, 5.0)
"""Coefficients of variation of the service time in percent."""
PROOF = 121
"""Answers that prove a level if all of them are good. A sweep needs as many at each number of users."""
FEW_USERS = 4
"""A sweep over fewer numbers of users is hardly more than the two that a search has to prove as well."""
TRUTH_ANSWERS = 60
PERCENT = 100
KNEE_RUNS = 8
KNEE_NOISES = (0.5, 1.0, 2.0, 5.0)
CURVES = ((10.0, 20.0, 38.0, 40.0), (10.0, 20.0, 36.0, 40.0), (10.0, 20.0, 39.2, 40.0), (40.0, 40.0, 40.0, 40.0))
"""True throughputs at 1, 2, 4 and 8 users."""


@dataclass(frozen=True)
class Window:
    """The good answers and all answers in a window, and the requests that were sent for it."""

    good: int
    answers: int
    requests: int


@dataclass(frozen=True)
class Server:
    """A server that answers `slots` requests at once, each in `service_s` with `noise` percent. Others wait in line."""

    slots: int
    service_s: float
    noise: float
    prefill_s: float = 0.05

    def closed_loop(self, users: int, answers: int, chance: Random) -> Window:
        """Answer users as the product asks: with random lengths, which begin at SHORTEST after the first request."""
        rounds, sent, done = Rounds(users, 0, ceil(answers / users)), 0, list[tuple[int, bool]]()
        free, ready = [0.0] * self.slots, [(0.0, user, 0) for user in range(users)]
        while (window := rounds.window()) is None:
            at, user, number = heappop(ready)
            begin = max(at, free[0])
            end = begin + self._service_s(chance, chance.uniform(SHORTEST if number else 0.0, 1.0))
            heapreplace(free, end)
            heappush(ready, (end, user, number + 1))
            sent += 1
            rounds.add(user, round(end * NS_PER_S))
            done.append((round(end * NS_PER_S), begin + self.prefill_s - at <= OBJECTIVE_S))
        counted = [good for at_ns, good in done if window.contains(at_ns)]
        return Window(sum(counted), len(counted), sent + users - 1)

    def _service_s(self, chance: Random, length: float) -> float:
        return length * self.service_s * max(0.2, chance.gauss(1, self.noise / PERCENT))

    def share(self, users: int, windows: int) -> float:
        """Return the share of good answers in the long run, over this number of windows."""
        chance = Random(f"truth {users}")  # noqa: S311 - noise, not a secret
        found = [self.closed_loop(users, TRUTH_ANSWERS, chance) for _ in range(windows)]
        return sum(window.good for window in found) / sum(window.answers for window in found)


def truth(server: Server, windows: int) -> int:
    """Return the largest number of users with the share of good answers, by the long run."""
    return next(users for users in range(MAX_USERS + 1) if server.share(users + 1, windows) < SHARE)


def search(server: Server, chance: Random) -> tuple[Found, int]:
    """Return what the product finds, and the requests that it takes."""
    levels, requests = LevelSearch(SHARE, MAX_USERS), 0
    while probe := levels.next():
        window = server.closed_loop(probe.level, probe.answers, chance)
        levels.add(probe.level, window.good, window.answers)
        requests += window.requests
    return levels.found(), requests


def capacity(cases: int) -> Iterator[Row]:
    """Yield how often the capacity is found, and the requests beside those of a sweep with as many proofs."""
    yield "slots", "answer", "noise", "users", "right to one user", "range holds", "requests", "of a sweep's"
    for server in (Server(*each) for each in product(SLOTS, SERVICES_S, NOISES)):
        users, chance = truth(server, max(4, cases)), Random(1)  # noqa: S311 - noise, not a secret
        found = [search(server, chance) for _ in range(cases)]
        near = sum(abs(each.level - users) <= 1 for each, _ in found)
        holds = sum(each.low <= users <= (MAX_USERS if each.high is None else each.high) for each, _ in found)
        swept = sum(server.closed_loop(tried, PROOF, chance).requests for tried in range(1, users + 2))
        requests = [number for _, number in found]
        error = stdev(requests) / len(requests) ** 0.5
        yield (
            f"{server.slots}",
            f"{server.service_s:g} s",
            f"{server.noise:g} %",
            f"{users}",
            Share(near, cases, at_least=0.95),
            Share(holds, cases, at_least=CONFIDENCE),
            f"{fmean(requests):.0f}",
            Ratio(fmean(requests) / swept, error / swept, at_most=0.5 if users >= FEW_USERS else 1.0),
        )


def knees(cases: int) -> Iterator[Row]:
    """Yield how often the range of the knee holds the true one, on curves whose knee is hard to find."""
    yield "throughput with 1, 2, 4, 8 users", "noise", "knee", "range holds", "range is one number"
    for curve, noise in product(CURVES, KNEE_NOISES):
        rates, chance = dict(zip((1, 2, 4, 8), curve, strict=True)), Random(1)  # noqa: S311 - noise, not a secret
        true = next(users for users, rate in rates.items() if rate >= SHARE * max(curve))
        found = [knee(_runs(rates, noise, chance)) for _ in range(cases)]
        known = [(each.low, each.high) for each in found if each and each.low and each.high]
        holds, single = sum(low <= true <= high for low, high in known), sum(low == high for low, high in known)
        shown = ", ".join(f"{rate:g}" for rate in curve)
        yield shown, f"{noise:g} %", f"{true}", Share(holds, cases, at_least=0.95), Share(single, cases)


def _runs(rates: dict[int, float], noise: float, chance: Random) -> dict[int, dict[int, float]]:
    """Return the throughputs of KNEE_RUNS runs at each number of users."""
    return {
        users: {block: rate * chance.gauss(1, noise / PERCENT) for block in range(KNEE_RUNS)}
        for users, rate in rates.items()
    }
