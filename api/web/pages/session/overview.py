"""The models by the test types at a glance, and which model is ahead beyond doubt."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from api.web.pages.session.sections import Cell, Section
from common.catalogue.metrics import METRICS

Interval = tuple[float, float]


@dataclass(frozen=True)
class Row:
    """`ahead` is the cell, if any, whose interval is better than that of each other one at the same point."""

    section: Section
    ahead: Cell | None


def overview(sections: Sequence[Section]) -> list[Row]:
    return [Row(section, ahead(section.cells)) for section in sections]


def ahead(cells: Sequence[Cell]) -> Cell | None:
    known = list(_known(cells))
    if len(known) < 2 or len({(cell.headline and cell.headline.metric, cell.at) for cell, _ in known}) > 1:  # noqa: PLR2004 - there is no race of one
        return None
    metric = METRICS.get(known[0][0].measured.headline) if known[0][0].measured else None
    if metric is None or metric.better == "neither":
        return None
    sign = 1 if metric.better == "higher" else -1
    ranked = sorted(known, key=lambda each: sign * (each[1][0] + each[1][1]), reverse=True)
    (best, (low, high)), (_, (next_low, next_high)) = ranked[:2]
    clear = low > next_high if sign > 0 else high < next_low
    return best if clear else None


def _known(cells: Sequence[Cell]) -> Iterator[tuple[Cell, Interval]]:
    for cell in cells:
        statistic = cell.headline.statistic if cell.headline else None
        interval = statistic and statistic.get("ci95")
        if interval:
            yield cell, (interval[0], interval[1])
