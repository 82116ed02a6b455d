"""Charts as data. `svg` draws them, and the page has the same values as a table."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from api.web.pages.presentation.formatting import samples
from common.stats.distribution import Median, bounds_of

Value = float | int | str | None


@dataclass(frozen=True)
class Axis:
    """`unit` is shown beside the title. A `time` axis has milliseconds since 1970. A `whole` axis has whole numbers."""

    title: str
    unit: str = ""
    scale: Literal["linear", "log", "category", "time"] = "linear"
    better: Literal["lower", "higher", "neither"] = "neither"
    names: Sequence[tuple[float, str]] = ()
    """Positions with a name instead of a number."""
    whole: bool = False


@dataclass(frozen=True)
class Trace:
    """One series of values: `y` over `x`, None if unknown.

    `low` and `high` are the bounds of each y. `notes` are shown at the points. `levels` are short horizontal lines,
    such as medians among dots. A `band` is a line, and the area between its bounds. Traces of one `series` share colour
    and symbol; without `series` each has its own. `hollow` marks the points drawn hollow. A trace that is not `tabled`
    is only drawn: its values are elsewhere on the page. A trace on the `second` axis uses the axis `y2`. The
    `label` stands at its last value.
    """

    name: str
    x: Sequence[Value]
    y: Sequence[float | None]
    low: Sequence[float | None] | None = None
    high: Sequence[float | None] | None = None
    look: Literal["line", "dots", "levels", "band"] = "line"
    notes: Sequence[str] | None = None
    series: int | None = None
    hollow: Sequence[bool] | None = None
    legend: bool = True
    tabled: bool = True
    second: bool = False
    label: str = ""

    def interval(self, number: int) -> tuple[float, float] | None:
        """Return the bounds of the y with this number, None if one of them is unknown."""
        low, high = (ends[number] if ends else None for ends in (self.low, self.high))
        return None if low is None or high is None else (low, high)


def median_trace(  # noqa: PLR0913 - what differs between charts
    name: str,
    x: Sequence[Value],
    medians: Sequence[Median | None],
    *,
    look: Literal["line", "levels"] = "line",
    notes: Sequence[str] | None = None,
    series: int | None = None,
    legend: bool = True,
) -> Trace:
    """Return a trace of medians with their intervals. Without `notes`, each has its number of samples."""
    bounds = [bounds_of(median) for median in medians]
    return Trace(
        name,
        x,
        [median["value"] if median else None for median in medians],
        [low for low, _ in bounds],
        [high for _, high in bounds],
        look,
        notes or [samples(median) if median else "" for median in medians],
        series,
        legend=legend,
    )


@dataclass(frozen=True)
class Mark:
    """A named position on the x axis, such as the knee of a throughput curve."""

    at: Value
    text: str


@dataclass(frozen=True)
class Limit:
    """A named value on the y axis, such as an objective."""

    at: float
    text: str


@dataclass(frozen=True)
class Figure:
    """A chart; `title` is what it answers. The y axis begins at zero unless `from_zero` is False."""

    title: str
    x: Axis
    y: Axis
    traces: Sequence[Trace]
    marks: Sequence[Mark] = ()
    from_zero: bool = True
    y2: Axis | None = None
    limits: Sequence[Limit] = ()

    def is_empty(self) -> bool:
        places = (place for trace in self.traces for place in zip(trace.x, trace.y, strict=True))
        return not any(x is not None and y is not None for x, y in places)

    def rows(self) -> Iterator[tuple[str, Value, float | None, float | None, float | None, str]]:
        """Yield the rows of the table: (trace, x, y, low, high, note)."""
        names: dict[Value, str] = dict(self.x.names)
        for trace in self.traces:
            unknown, silent = [None] * len(trace.x), [""] * len(trace.x)
            columns = (trace.x, trace.y, trace.low or unknown, trace.high or unknown, trace.notes or silent)
            if trace.tabled:
                yield from (
                    (trace.name, names.get(x, x), y, low, high, note)
                    for x, y, low, high, note in zip(*columns, strict=True)
                )
