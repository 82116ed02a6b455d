"""How many users a model serves on a host, from its newest tests with many users."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from common.catalogue.metrics import METRICS
from common.catalogue.test_types import TEST_TYPES
from common.stats.distribution import Distribution
from common.store.earlier.newest import newest
from common.store.earlier.newest.loads import LoadPoint, LoadResult, load_results
from common.store.earlier.newest.newest import NewestTest, StoredResult
from common.values.units import MS_PER_S, text

SEARCH, STEPS = "capacity", "concurrency"
"""The test types with many users: one searches for the largest number that is served well, one measures given ones."""
RATE, WAIT, GAP = "decodeTokensPerSecond", "timeToFirstToken", "interChunkLatency"
_DEFAULTS = TEST_TYPES[SEARCH].resolve({})


@dataclass(frozen=True)
class Objectives:
    """When an answer is good: the maximum of its time to first token, and between its later tokens, in ms."""

    wait: float
    gap: float

    @property
    def rate(self) -> float:
        """The rate of an answer that just meets the objective, in tokens/s."""
        return MS_PER_S / self.gap

    @property
    def words(self) -> str:
        """What is meant by well."""
        wait, rate = text(self.wait, METRICS[WAIT].unit), text(self.rate, METRICS[RATE].unit)
        return f"Well means: the first token within {wait}, then at least {rate}."

    @classmethod
    def of(cls, test: NewestTest | None) -> "Objectives":
        """Return the objectives of a test that has them, else the usual ones."""
        options = {**_DEFAULTS, **(test.options if test else {})}
        return cls(float(options["ttftObjective"]), float(options["interTokenObjective"]))


@dataclass(frozen=True)
class Served:
    """What is known of a model with many users. `result` and `points` are of one test.

    `users` is the largest number that it serves well, None if it serves not even the smallest that was measured.
    The server wrote `slots` answers at once, None if that is unknown.
    """

    model: str
    result: StoredResult
    test_type: str
    objectives: Objectives
    points: Sequence[LoadPoint]
    users: int | None
    slots: int | None
    sentence: str


def served(host: str, model: str | None = None) -> list[Served]:
    """Return what is known of each model on a host, or of one, the one that serves the most users first."""
    steps = {each.model: each for each in _of_type(host, STEPS, model)}
    searches = {each.model: each for each in _of_type(host, SEARCH, model)}
    slots = {name: each.slots for name, each in steps.items()}  # a search does not count them
    found = steps | {name: replace(each, slots=slots.get(name)) for name, each in searches.items()}
    return sorted(found.values(), key=lambda each: (-(each.users or 0), -_rate(each), each.model))


def _of_type(host: str, test_type: str, model: str | None) -> Iterator[Served]:
    tests = newest.newest(test_type, model=model, host=host)
    found = load_results(tests)
    for result in newest.results(tests, TEST_TYPES[test_type].headline):
        known = found.get(result.test.id)
        if known and known.points:
            yield of_result(test_type, result, known)


def of_result(test_type: str, result: StoredResult, load: LoadResult) -> Served:
    """Return what one test with many users says."""
    points = load.points
    objectives = Objectives.of(result.test if test_type == SEARCH else None)
    good = [point.users for point in points if _is_good(point, objectives)]
    users = (load.capacity or None) if test_type == SEARCH else max(good, default=None)
    model = result.test.model
    return Served(model, result, test_type, objectives, points, users, load.slots, _sentence(model, users, points))


def _is_good(point: LoadPoint, objectives: Objectives) -> bool:
    wait, gap = slow(point.statistics.get(WAIT)), slow(point.statistics.get(GAP))
    return wait is not None and gap is not None and wait <= objectives.wait and gap <= objectives.gap


def slow(statistic: Distribution | None) -> float | None:
    """Return the 95th percentile, or the median of too few answers for it."""
    if statistic is None:
        return None
    return statistic.get("p95") or statistic["value"]


def at(points: Sequence[LoadPoint], users: int | None) -> LoadPoint | None:
    """Return the measured point with the most users up to this number."""
    return next((point for point in reversed(points) if users is not None and point.users <= users), None)


def median(point: LoadPoint | None, metric: str) -> float | None:
    statistic = point.statistics.get(metric) if point else None
    return statistic["value"] if statistic else None


def _rate(found: Served) -> float:
    return median(at(found.points, found.users), RATE) or 0.0


def _sentence(model: str, users: int | None, points: Sequence[LoadPoint]) -> str:
    """Return the answer, such as `qwen3:8b serves 4 users well: each gets 20.3 tok/s, …. With 8: ….`."""
    if users is None:
        return f"{model} serves nobody well: {_experience(points[0])}."
    point = at(points, users)
    count = "1 user" if users == 1 else f"{users} users"
    served = f"{model} serves {count} well{f': {_experience(point)}' if point else ''}."
    after = next((each for each in points if each.users > users), None)
    return f"{served} With {after.users}: {_experience(after)}." if after else f"{served} No more were measured."


def _experience(point: LoadPoint) -> str:
    """Return what each user gets."""
    wait = point.statistics.get(WAIT)
    share = "19 of 20" if wait is not None and wait.get("p95") is not None else "half of the"
    rate = text(median(point, RATE), METRICS[RATE].unit)
    who = "each gets" if point.users > 1 else "1 user gets"
    return f"{who} {rate}, {share} first tokens within {text(slow(wait), METRICS[WAIT].unit)}"
