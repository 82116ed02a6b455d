"""Choice of the method by which two tests are compared, and its result."""

from collections.abc import Mapping

from api.conclusions.comparisons.evaluation.side import Side, ends
from api.conclusions.comparisons.evaluation.unchanged_sessions import UnchangedSessions
from api.conclusions.comparisons.evaluation.verdicts import Method, Verdict
from common.catalogue.metrics import Metric
from common.catalogue.test_type import Point
from common.catalogue.test_types import TEST_TYPES
from common.stats.comparing import between_sessions, independent, paired
from common.stats.comparing.comparison import Difference
from common.stats.comparing.scales import changed, is_relative, shown
from common.stats.comparing.session_spread import SessionMedian
from common.store.tables import Order
from common.values.free_json import Json


def verdict(sides: tuple[Side, Side], point: Point, metric: Metric, unchanged: UnchangedSessions) -> Verdict | None:
    """Return the verdict on two tests that both have this metric at this point.

    It is None if most runs of one of them have no value, and the two were not measured in turn.
    """
    before, after = (side.test.at(point, metric.name) for side in sides)
    if _took_turns(sides) and before.keys() & after.keys():
        return of_blocks(before, after, metric, sides[0].test.options)
    one, other = (side.median(point, metric) for side in sides)
    if one is None or other is None:
        return None
    spreads = unchanged.spreads(sides, point, metric, [one, other])
    if spreads:
        difference = between_sessions.difference(one, other, spreads)
        return Verdict(difference, Method.SPREAD, metric, sum(each.sessions for each in spreads))
    if not before or not after:
        return Verdict(_change(one, other, metric), Method.RUNS, metric, runs_deleted=True)
    alone = independent.difference(list(before.values()), list(after.values()), metric.unit)
    one_session = sides[0].test.session_id == sides[1].test.session_id
    return Verdict(alone, Method.RUNS, metric, one_session=one_session)


def of_blocks(before: Mapping[int, float], after: Mapping[int, float], metric: Metric, options: Json) -> Verdict | None:
    """Return the verdict on runs that were measured in turn, by block, or None if they have no block in common."""
    shared = sorted(before.keys() & after.keys())
    if not shared:
        return None
    pairs = [before[block] for block in shared], [after[block] for block in shared]
    found = paired.verdict(*pairs, metric.unit, *ends(options, len(shared)))
    return Verdict(found, Method.PAIRED, metric)


def _change(one: SessionMedian, other: SessionMedian, metric: Metric) -> Difference:
    """Return the change of two medians whose runs were deleted, without an interval."""
    relative = is_relative([one.value, other.value], metric.unit)
    return Difference(shown(changed(one.value, other.value, relative=relative), relative=relative), None, relative)


def _took_turns(sides: tuple[Side, Side]) -> bool:
    """Return whether both models were measured in turn, block by block."""
    one, other = sides
    session, test_type = one.column.session, TEST_TYPES.get(one.test.test_type)
    is_in_one = one.test.session_id == other.test.session_id == session.id == other.column.session.id
    return bool(is_in_one and session.order == Order.INTERLEAVED and (test_type is None or test_type.alternates))
