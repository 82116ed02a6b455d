"""Overview of all models in all test types, with the model that is clearly ahead in each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import inf

from api.web.pages.session.sections import ModelCell, TestTypeSection
from common.catalogue.metrics import METRICS

Interval = tuple[float, float]


@dataclass(frozen=True)
class OverviewRow:
    """One test type; `ahead` is the cell whose interval is better than all others at the same point, if any."""

    section: TestTypeSection
    ahead: ModelCell | None


def overview(sections: Sequence[TestTypeSection]) -> list[OverviewRow]:
    return [OverviewRow(section, ahead(section.cells)) for section in sections]


def ahead(cells: Sequence[ModelCell]) -> ModelCell | None:
    known = list(_known(cells))
    if len(known) < 2 or len({(cell.headline and cell.headline.metric, cell.at) for cell, _ in known}) > 1:  # noqa: PLR2004 - one model has no competitor
        return None
    metric = METRICS.get(known[0][0].measured.headline) if known[0][0].measured else None
    if metric is None or metric.better == "neither":
        return None
    sign = 1 if metric.better == "higher" else -1
    ranked = sorted(known, key=lambda each: sign * (each[1][0] + each[1][1]), reverse=True)
    (best, (low, high)), (_, (next_low, next_high)) = ranked[:2]
    clear = low > next_high if sign > 0 else high < next_low
    return best if clear else None


def _known(cells: Sequence[ModelCell]) -> Iterator[tuple[ModelCell, Interval]]:
    for cell in cells:
        statistic = cell.headline.statistic if cell.headline else None
        interval = statistic and statistic.get("ci95")
        if interval:
            low, high = (inf if bound is None else bound for bound in interval)
            yield cell, (low, high)
