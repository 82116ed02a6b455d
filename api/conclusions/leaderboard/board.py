"""The newest comparable result of each model on each host, ranked by their intervals."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from math import inf

from api.conclusions.histories.comparable_sessions import options_text
from common.catalogue.grades import SENTENCES
from common.catalogue.metrics import Metric
from common.catalogue.verdicts.verdict_type import Grade
from common.stats.distribution import Median, bounds_of
from common.store.earlier.newest import newest as stored
from common.store.earlier.newest.newest import NewestTest, StoredResult
from common.values.units import now

NO_INTERVAL = "too few runs for an interval, so it has no rank"
NO_DIRECTION = "neither direction of this metric is better, so nothing has a rank"
Interval = tuple[float, float]


@dataclass(frozen=True)
class Wanted:
    """One metric under one test type. None matches all; without `options`, those that most results have."""

    test_type: str
    metric: Metric
    host: str | None = None
    model: str | None = None
    tag: str | None = None
    options: str | None = None


@dataclass(frozen=True)
class Entry:
    """A result with a value. `rank` is 1 and the number of entries clearly ahead, None if it is unknown."""

    result: StoredResult
    statistic: Median
    rank: int | None
    age: timedelta
    reasons: Sequence[str]


@dataclass(frozen=True)
class Board:
    """The `entries` with these `options`, the best first, and how many newest results have other options."""

    wanted: Wanted
    options: str | None
    entries: Sequence[Entry]
    without_value: int
    others: Mapping[str, int]


def board(wanted: Wanted) -> Board:
    """Return the leaderboard."""
    newest = _newest(wanted)
    counts = Counter(options_text(test.options) for test in newest)
    options = wanted.options if wanted.options is not None else next((name for name, _ in counts.most_common(1)), None)
    results = stored.results(list(_comparable(newest, wanted, options)), wanted.metric.name)
    others = {name: count for name, count in counts.most_common() if name != options}
    valued = [(each, each.statistic) for each in results if each.statistic and each.statistic["value"] is not None]
    entries = _ranked(valued, wanted.metric)
    return Board(wanted, options if results else wanted.options, entries, len(results) - len(entries), others)


def _newest(wanted: Wanted) -> list[NewestTest]:
    if wanted.tag:
        return stored.newest_tagged(wanted.test_type, wanted.tag, model=wanted.model, host=wanted.host)
    return stored.newest(wanted.test_type, model=wanted.model, host=wanted.host)


def _comparable(newest: Sequence[NewestTest], wanted: Wanted, options: str | None) -> Iterator[NewestTest]:
    """Yield the newest tests with these options. One that has others may follow an earlier one that has them."""
    for test in newest:
        if options_text(test.options) == options:
            yield test
        elif not wanted.tag:
            alike = (each for each in stored.earlier(test, wanted.test_type) if options_text(each.options) == options)
            yield from islice(alike, 1)


def _ranked(found: Sequence[tuple[StoredResult, Median]], metric: Metric) -> list[Entry]:
    sign = -1 if metric.better == "higher" else 1
    ordered = sorted(found, key=lambda each: sign * (each[1]["value"] or 0.0))
    worst = sorted(bounds[1] for _, statistic in ordered if (bounds := _interval(statistic, sign)))
    entries = [_entry(result, statistic, metric, worst) for result, statistic in ordered]
    return sorted(entries, key=lambda entry: entry.rank is None)


def _entry(result: StoredResult, statistic: Median, metric: Metric, worst: Sequence[float]) -> Entry:
    """Return an entry. `worst` has the worse ends of all intervals, the best first."""
    bounds = _interval(statistic, -1 if metric.better == "higher" else 1)
    has_rank = bounds is not None and metric.better != "neither"
    rank = 1 + bisect_left(worst, bounds[0]) if bounds and has_rank else None
    return Entry(result, statistic, rank, now() - result.test.at, list(_reasons(result, statistic, metric)))


def _reasons(result: StoredResult, statistic: Median, metric: Metric) -> Iterator[str]:
    if not statistic.get("ci95"):
        yield NO_INTERVAL
    if metric.better == "neither":
        yield NO_DIRECTION
    if result.grade != Grade.CLEAN:
        yield SENTENCES[Grade(result.grade) if result.grade else None]


def _interval(statistic: Median, sign: int) -> Interval | None:
    """Return the interval with its better end first, None if there is none."""
    low, high = bounds_of(statistic)
    if low is None and high is None:
        return None
    bounds = sign * (inf if low is None else low), sign * (inf if high is None else high)
    return min(bounds), max(bounds)
