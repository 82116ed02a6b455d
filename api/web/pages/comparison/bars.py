"""Changes drawn in the cells of a table: each with its interval, all on one scale of ratios around no change."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import expm1, isfinite, log1p

from markupsafe import Markup

from api.conclusions.comparisons.compared_tests import ComparedCell
from common.stats.comparing.comparison import PERCENT

MIN_REACH = log1p(0.05)
"""The scale reaches at least to 5 %, so that noise does not look like a change."""
WIDTH = 100.0


@dataclass(frozen=True)
class Bar:
    """The interval from `low`, `width` wide, and the mark of the change at `at`, of a picture 100 wide."""

    low: float
    width: float
    at: float

    def drawing(self, *, with_size: bool) -> Markup:
        """Return the picture, with the size of the change or only with its interval. A page has hundreds."""
        size = f'<rect class="size" x="{min(self.at, 50)}" y="1" width="{round(abs(self.at - 50), 1)}" height="6"/>'
        return Markup(  # noqa: S704 - numbers alone
            '<svg class="interval" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
            f'<path class="none" d="M50 0V8"/>{size if with_size else ""}'
            f'<rect class="reach" x="{self.low}" y="2.5" width="{self.width}" height="3"/>'
            f'<rect class="middle" x="{self.at - 1}" y="0" width="2" height="8"/></svg>'
        )


@dataclass(frozen=True)
class BarScale:
    """The scale from no change to the largest change of a page, as the logarithm of its ratio."""

    reach: float

    @classmethod
    def of(cls, cells: Iterable[ComparedCell | None]) -> "BarScale":
        changes = [abs(found) for cell in cells if cell and (found := _change(cell)) is not None]
        return cls(1.05 * max([MIN_REACH, *changes]))

    @property
    def bounds(self) -> tuple[float, float]:
        """The changes at both ends, in percent."""
        return PERCENT * expm1(-self.reach), PERCENT * expm1(self.reach)

    def bar(self, cell: ComparedCell) -> Bar | None:
        """Return the drawing of a change, None if it is not a ratio or has no interval."""
        change = _change(cell)
        if change is None or not cell.verdict or not cell.verdict.difference.interval:
            return None
        low, high = (self._place(_ratio(bound)) for bound in cell.verdict.difference.interval)
        return Bar(low, round(max(high - low, 0.5), 1), self._place(change))

    def _place(self, ratio: float) -> float:
        share = min(max(ratio / self.reach, -1.0), 1.0)
        return round(WIDTH / 2 * (1 + share), 1)


def _change(cell: ComparedCell) -> float | None:
    found = cell.verdict.difference if cell.verdict else None
    return _ratio(found.change) if found and found.relative and isfinite(found.change) else None


def _ratio(percent: float) -> float:
    """Return the logarithm of a ratio, of a change in percent."""
    return log1p(max(percent, -99.99) / PERCENT) if isfinite(percent) else percent
