"""Earlier and later tests that were measured under the same conditions as a test.

They show how far sessions lie apart although nothing was changed.
"""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import timedelta
from operator import attrgetter
from typing import NamedTuple

from common.records.conditions import Conditions
from common.store.earlier.samples import TestSamples
from common.store.earlier.unchanged.near_tests import NearTest, TestEnd, Window, measured_options, windows

MAX_CANDIDATES = 40
"""Tests before a test, and after it, whose options are looked at."""
MAX_UNCHANGED = 20
"""Unchanged tests whose medians are used, the nearest in time. With more, the spread is hardly known better."""


class Compared(NamedTuple):
    """A completed test with its conditions and measured options."""

    test: TestSamples
    conditions: Conditions
    options: dict[str, object]
    moment: TestEnd

    @classmethod
    def of(cls, test: TestSamples, conditions: Conditions) -> "Compared | None":
        """Return None if the test has not ended."""
        if test.finished_at is None:
            return None
        moment = TestEnd(test.test_type, test.model, test.host, test.finished_at)
        return cls(test, conditions, measured_options(test.options), moment)


def unchanged(tests: Sequence[tuple[TestSamples, Conditions]], metric: str | None = None) -> dict[int, list[NearTest]]:
    """Return completed tests of other sessions with the same options and conditions, by the ids of these tests.

    They are the nearest in time, with their medians of `metric`, or of all metrics. Most are found around the first of
    the tests of a series. Only for those that may have nearer ones elsewhere, their own surroundings are read.
    """
    compared = [each for test, conditions in tests if (each := Compared.of(test, conditions))]
    series: dict[tuple[str, str, str], TestEnd] = {}
    for each in sorted(compared, key=lambda each: each.moment.at):
        series.setdefault(each.moment[:3], each.moment)
    around = dict(zip(series, windows(list(series.values()), MAX_UNCHANGED + 1, MAX_CANDIDATES, metric), strict=True))
    found = {each.test.id: _nearest(each, around[each.moment[:3]]) for each in compared}
    far = [each for each in compared if found[each.test.id] is None]
    own = windows([each.moment for each in far], MAX_CANDIDATES + 1, MAX_CANDIDATES, metric)
    found |= {each.test.id: _nearest(each, window) for each, window in zip(far, own, strict=True)}
    return {
        each.test.id: [near for near in found[each.test.id] or () if near.conditions == each.conditions]
        for each in compared
    }


def _nearest(compared: Compared, window: Window) -> list[NearTest] | None:
    """Return the tests with the same options and machine, the nearest first. None if nearer ones may be elsewhere."""
    at, tests = compared.moment.at, window.tests
    place = bisect_right(tests, at, key=attrgetter("finished_at"))
    before, after = (
        [each for each in half if each.session_id != compared.test.session_id][:MAX_CANDIDATES]
        for half in (tests[:place][::-1], tests[place:])
    )
    alike = [each for each in (*before, *after) if _is_alike(each, compared)]
    nearest = sorted(alike, key=lambda each: abs(each.finished_at - at))[:MAX_UNCHANGED]
    reach = abs(nearest[-1].finished_at - at) if len(nearest) == MAX_UNCHANGED else timedelta.max
    cut = (window.is_cut_before, before), (window.is_cut_after, after)
    is_known = all(not is_cut or _reaches(half, reach, compared) for is_cut, half in cut)
    return nearest if is_known else None


def _is_alike(found: NearTest, compared: Compared) -> bool:
    return found.conditions.fingerprint == compared.conditions.fingerprint and found.options == compared.options


def _reaches(half: Sequence[NearTest], reach: timedelta, compared: Compared) -> bool:
    """Return whether half a window has all tests that are as near as `reach`, or as many as are looked at."""
    return len(half) == MAX_CANDIDATES or bool(half and abs(half[-1].finished_at - compared.moment.at) >= reach)
