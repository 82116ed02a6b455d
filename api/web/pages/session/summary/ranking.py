"""The models of a session, the best first, with what decides between them side by side."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from math import inf

from api.web.pages.presentation.formatting import capitalize_first, point_text
from api.web.pages.session.facts import MetricFact
from api.web.pages.session.sections import ModelCell, TestTypeSection
from api.web.pages.session.summary.clear_leader import ahead
from common.catalogue.grades import grade
from common.catalogue.metrics import METRICS
from common.catalogue.verdicts.verdict_type import Grade
from common.stats.distribution import Bounds, bounds_of

WIDTH = 100.0
Source = tuple[str, str]
"""A test type and one of its metrics."""
Cells = Mapping[tuple[str, str], ModelCell]
"""The cells of a session by test type and model."""


@dataclass(frozen=True)
class Column:
    """A column, and where its values can come from. The first source that any model has is that of all."""

    title: str
    sources: tuple[Source, ...]


SPEED = Column("Speed", (("decode", "decodeTokensPerSecond"), ("sustained", "decodeTokensPerSecond")))
FIRST_TOKEN = Column("First token", (("ttft", "timeToFirstToken"),))
COLUMNS = (
    SPEED,
    FIRST_TOKEN,
    Column("Reading", (("prefill", "promptTokensPerSecond"),)),
    Column("Users", (("capacity", "capacityUsers"), ("concurrency", "kneeUsers"))),
    Column("Vectors", (("embedding", "embeddingsPerSecond"),)),
    Column("VRAM", tuple((name, "vramUsage") for name in ("decode", "ttft", "prefill", "sustained", "embedding"))),
    Column("Energy", (("decode", "energyPerToken"), ("sustained", "energyPerToken"))),
)
RANKED_BY = ("Speed", "First token", "Reading", "Vectors", "Users")
"""The columns that models can be ranked by: the first one that any model has a value for."""


@dataclass(frozen=True)
class Bar:
    """A value as a bar: its length and the bounds of its interval, from 0 to WIDTH. Without interval both are None."""

    length: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class RankedModel:
    """A model with its `facts` by column, and the worst grade of its results.

    `series` gives it its colour, and `failed` is the number of its tests that have failed.
    """

    model: str
    series: int
    facts: Mapping[str, MetricFact]
    bar: Bar | None
    grade: Grade | None
    failed: int


@dataclass(frozen=True)
class Ranking:
    """The models, the best first, and the columns that any of them has with their sources; the first one ranks them.

    `best` is clearly ahead of the others.
    """

    models: Sequence[RankedModel]
    columns: Mapping[str, Source]
    best: RankedModel | None

    @property
    def by(self) -> str:
        """The column that ranks the models."""
        return next(iter(self.columns))

    @property
    def test_types(self) -> set[str]:
        """The test types that the columns show."""
        return {test_type for test_type, _ in self.columns.values()}


def ranking(sections: Sequence[TestTypeSection]) -> Ranking | None:
    """Return the ranking; None if nothing that models can be ranked by was measured."""
    cells = {(section.test_type, cell.model): cell for section in sections for cell in section.cells}
    sources = {column.title: source for column in COLUMNS if (source := _source(column, cells))}
    by = next((title for title in RANKED_BY if title in sources), None)
    if by is None:
        headline = _headline(sections)
        if headline is None:
            return None
        by = capitalize_first(METRICS[headline[1]].label)
        sources = {by: headline, **sources}
    columns = {by: sources[by], **_common(sources, cells)}
    better = METRICS[sources[by][1]].better
    models = sorted(_models(cells, columns, by), key=lambda each: _place(each, by, lower=better == "lower"))
    first = ahead([(each.model, _bounds(each.facts.get(by))) for each in models], better)
    first = first if _is_alike(cells, sources[by]) else None
    return Ranking(models, columns, next((each for each in models if each.model == first), None))


def _source(column: Column, cells: Cells) -> Source | None:
    return next((source for source in column.sources if _known(source, cells)), None)


def _known(source: Source, cells: Cells) -> int:
    """Return the number of models that have a value from a source."""
    test_type, metric = source
    return sum(name == test_type and cell.fact(metric).value is not None for (name, _), cell in cells.items())


def _is_alike(cells: Cells, source: Source) -> bool:
    """Return whether the values of all models were measured under the same conditions."""
    measured = [cell.measured for (name, _), cell in cells.items() if name == source[0] and cell.measured]
    return len({point_text(test.main_point) for test in measured}) <= 1


def _common(sources: Mapping[str, Source], cells: Cells) -> dict[str, Source]:
    """Return the columns that at least half of the models have a value for."""
    models = {model for _, model in cells}
    return {title: source for title, source in sources.items() if 2 * _known(source, cells) >= len(models)}


def _headline(sections: Sequence[TestTypeSection]) -> Source | None:
    """Return the headline metric of the first test type that has one."""
    measured = ((section.test_type, test) for section in sections for test in section.measured)
    known = ((name, test.headline) for name, test in measured if test.metrics.get(test.headline) is not None)
    return next((source for source in known if source[1] in METRICS), None)


def _models(cells: Cells, columns: Mapping[str, Source], by: str) -> Iterator[RankedModel]:
    series = {cell.model: cell.series for cell in cells.values()}
    facts = {model: dict(_facts(model, cells, columns)) for model in series}
    largest = max(
        max(_bounds(found.get(by))[1] or 0.0, found[by].value or 0.0) for found in facts.values() if by in found
    )
    for model, found in facts.items():
        own = [cell for (_, name), cell in cells.items() if name == model]
        failed = sum(cell.status == "failed" for cell in own)
        yield RankedModel(model, series[model], found, _bar(found.get(by), largest), _grade(own), failed)


def _facts(model: str, cells: Cells, columns: Mapping[str, Source]) -> Iterator[tuple[str, MetricFact]]:
    for title, (test_type, metric) in columns.items():
        cell = cells.get((test_type, model))
        if cell and (fact := cell.fact(metric)).value is not None:
            yield title, fact


def _place(ranked: RankedModel, by: str, *, lower: bool) -> float:
    value = ranked.facts[by].value if by in ranked.facts else None
    if value is None:
        return inf
    return value if lower else -value


def _bar(fact: MetricFact | None, largest: float) -> Bar | None:
    if fact is None or fact.value is None or not largest:
        return None
    low, high = (None if bound is None else WIDTH * bound / largest for bound in _bounds(fact))
    return Bar(WIDTH * fact.value / largest, low, high)


def _bounds(fact: MetricFact | None) -> Bounds:
    return bounds_of(fact.statistic if fact else None)


def _grade(cells: Sequence[ModelCell]) -> Grade | None:
    """Return the worst grade of the model's results, which is that of all their verdicts."""
    measured = [cell.measured.metrics for cell in cells if cell.measured]
    return grade(chain.from_iterable(metrics.verdicts for metrics in measured)) if measured else None
