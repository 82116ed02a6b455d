"""The answer of a completed test to its type's question, in one number."""

from collections.abc import Sequence
from dataclasses import dataclass

from common.catalogue.metrics import METRICS
from common.catalogue.metrics.metric import Better
from common.catalogue.test_type import AnswerKind, AnswerRule
from common.catalogue.test_types import TEST_TYPES
from common.catalogue.wording import point_text
from common.records.test_metrics import TestMetrics
from common.stats.distribution import Bounds, Distribution, bounds_of
from common.stats.ratio import percent


@dataclass(frozen=True)
class Answer:
    """The answer: the `value` of something that `label` names, in `unit`, with its 95 % interval.

    `metric` is the metric that it is computed from. `bounds` is None if the interval is unknown, and `n` if the value
    is not a median. `at` says where it holds, such as `8192 prompt tokens`, and is empty for a test of one point.
    """

    metric: str
    label: str
    unit: str
    better: Better
    value: float | None
    bounds: Bounds | None
    n: int | None
    at: str


def answer(test_type: str, metrics: TestMetrics) -> Answer:
    """Return the answer of a test. It is the headline metric if the type declares no other, or if that is unknown."""
    declared = TEST_TYPES.get(test_type)
    found = _by_rule(declared.answer, metrics) if declared and declared.answer else None
    return found or _of_metric(metrics, metrics.headline_name)


def _by_rule(rule: AnswerRule, metrics: TestMetrics) -> Answer | None:
    match rule.kind:
        case AnswerKind.KEPT:
            return _kept(rule, metrics)
        case AnswerKind.LARGEST:
            found = _largest(rule.metric, metrics)
        case AnswerKind.MAIN_POINT:
            found = _of_metric(metrics, rule.metric)
    return found if found.value is not None else None


def _kept(rule: AnswerRule, metrics: TestMetrics) -> Answer | None:
    known = _by_point(metrics, rule.metric)
    if len(known) <= 1:
        return None
    (first, before), (last, after) = known[0], known[-1]
    kept = percent(after, before)
    at = f"{last} against {first}"
    return kept and Answer(
        rule.metric, rule.label, "%", METRICS[rule.metric].better, kept["value"], kept["ci95"], kept["n"], at
    )


def _largest(metric: str, metrics: TestMetrics) -> Answer:
    known = _by_point(metrics, metric)
    if not known:
        return _of_metric(metrics, metric)
    at, found = max(known, key=lambda each: each[1]["value"] or 0.0)
    return _of_statistic(metric, found, at)


def _by_point(metrics: TestMetrics, metric: str) -> Sequence[tuple[str, Distribution]]:
    found = ((point_text(each["point"]), each["statistics"].get(metric)) for each in metrics.points)
    return [(at, statistic) for at, statistic in found if statistic]


def _of_metric(metrics: TestMetrics, name: str) -> Answer:
    at = point_text(metrics.main_point)
    if statistic := metrics.statistics.get(name):
        return _of_statistic(name, statistic, at)
    bounds = _bounds(metrics.get(f"{name}Low"), metrics.get(f"{name}High"))
    # Other values than the headline metric, without a distribution, are those of the test as a whole.
    return Answer(name, *_declared(name), metrics.get(name), bounds, None, at if name == metrics.headline_name else "")


def _of_statistic(name: str, statistic: Distribution, at: str) -> Answer:
    bounds = _bounds(*bounds_of(statistic))
    return Answer(name, *_declared(name), statistic["value"], bounds, statistic["n"], at)


def _bounds(low: float | None, high: float | None) -> Bounds | None:
    return None if low is None and high is None else [low, high]


def _declared(name: str) -> tuple[str, str, Better]:
    """Return the label, the unit and the better direction of a metric. Those of another release are unknown."""
    known = METRICS.get(name)
    return (known.label, known.unit, known.better) if known else (name, "", "neither")
