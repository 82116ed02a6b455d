"""The models of a session, the fastest first, with what decides between them side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from api.web.pages.session.overview import ahead
from api.web.pages.session.sections import MetricFact, ModelCell, TestTypeSection
from common.catalogue.grades import grade
from common.catalogue.verdicts.verdict_type import Grade
from common.stats.distribution import bounds_of

COLUMNS: tuple[tuple[str, str, str], ...] = (
    ("Speed", "decode", "decodeTokensPerSecond"),
    ("First token", "ttft", "timeToFirstToken"),
    ("Users", "capacity", "capacityUsers"),
    ("VRAM", "decode", "vramUsage"),
    ("Energy", "decode", "energyPerToken"),
)
"""Each column with the test type and the metric that it shows."""
WIDTH = 100.0


@dataclass(frozen=True)
class Bar:
    """A value as a bar: its length and the bounds of its interval, from 0 to WIDTH. Without interval both are None."""

    length: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class RankedModel:
    """A model with its `facts` by column, and the worst grade of its results."""

    model: str
    facts: Mapping[str, MetricFact]
    bar: Bar | None
    grade: Grade | None


@dataclass(frozen=True)
class Ranking:
    """The models, the fastest first, and the columns that any of them has. `fastest` is clearly ahead of the others."""

    models: Sequence[RankedModel]
    columns: Sequence[str]
    fastest: RankedModel | None


def ranking(sections: Sequence[TestTypeSection]) -> Ranking | None:
    """Return the ranking by speed, None if no speed was measured."""
    by_type = {section.test_type: section for section in sections}
    cells = by_type["decode"].cells if "decode" in by_type else ()
    facts = {cell.model: _facts(cell.model, by_type) for cell in cells}
    largest = max((_largest(found.get("Speed")) for found in facts.values()), default=0.0)
    if not largest:
        return None
    models = [
        RankedModel(model, found, _bar(found.get("Speed"), largest), _grade(model, sections))
        for model, found in facts.items()
    ]
    ranked = sorted(models, key=lambda each: -(each.bar.length if each.bar else 0.0))
    shown = [name for name, *_ in COLUMNS if any(name in each.facts for each in ranked)]
    first = ahead(cells)
    return Ranking(ranked, shown, next((each for each in ranked if first and each.model == first.model), None))


def _facts(model: str, sections: Mapping[str, TestTypeSection]) -> dict[str, MetricFact]:
    found = {}
    for name, test_type, metric in COLUMNS:
        cell = _cell(model, sections.get(test_type))
        if cell and (fact := cell.fact(metric)).value is not None:
            found[name] = fact
    return found


def _cell(model: str, section: TestTypeSection | None) -> ModelCell | None:
    return next((cell for cell in section.cells if cell.model == model), None) if section else None


def _largest(speed: MetricFact | None) -> float:
    _, high = _bounds(speed)
    return max(high or 0.0, speed.value or 0.0) if speed else 0.0


def _bar(speed: MetricFact | None, largest: float) -> Bar | None:
    if speed is None or speed.value is None:
        return None
    low, high = (None if bound is None else WIDTH * bound / largest for bound in _bounds(speed))
    return Bar(WIDTH * speed.value / largest, low, high)


def _bounds(fact: MetricFact | None) -> tuple[float | None, float | None]:
    low, high = bounds_of(fact.statistic if fact else None)
    return low, high


def _grade(model: str, sections: Sequence[TestTypeSection]) -> Grade | None:
    """Return the worst grade of the model's results, which is that of all their verdicts."""
    measured = [test.metrics for section in sections for test in section.measured if test.model == model]
    return grade(chain.from_iterable(metrics.verdicts for metrics in measured)) if measured else None
