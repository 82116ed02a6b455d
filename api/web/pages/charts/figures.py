"""What a chart shows, as data: api/web/static/charts draws it, and the page has the same numbers as a table."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal

Value = float | int | str | None

CROWD = 4


@dataclass(frozen=True)
class Axis:
    """`unit` is shown beside the title. A `time` axis has milliseconds since 1970."""

    title: str
    unit: str = ""
    scale: Literal["linear", "log", "category", "time"] = "linear"
    better: Literal["lower", "higher", "neither"] = "neither"
    names: Sequence[tuple[float, str]] = ()
    """Places that have a name, in place of numbers."""


@dataclass(frozen=True)
class Trace:
    """One series: `y` over `x`, None where unknown; `low` and `high` bound each y; `notes` are shown at a point.

    `levels` are short lines across, such as medians among dots. Traces of one `series` share colour and symbol; without
    one, each has its own. `hollow` tells which points are no plain ones. A trace that is not `tabled` stands in the
    chart alone: its numbers are elsewhere on the page. One on the `second` axis is measured by the figure's `y2`.
    """

    name: str
    x: Sequence[Value]
    y: Sequence[float | None]
    low: Sequence[float | None] | None = None
    high: Sequence[float | None] | None = None
    look: Literal["line", "dots", "bars", "levels"] = "line"
    notes: Sequence[str] | None = None
    series: int | None = None
    hollow: Sequence[bool] | None = None
    legend: bool = True
    tabled: bool = True
    second: bool = False


@dataclass(frozen=True)
class Mark:
    """A place on the x axis that has a name, such as the knee of a throughput curve."""

    at: Value
    text: str


@dataclass(frozen=True)
class Figure:
    """`title` is what the chart answers. The y axis begins at zero unless `from_zero` is False."""

    title: str
    x: Axis
    y: Axis
    traces: Sequence[Trace]
    marks: Sequence[Mark] = ()
    from_zero: bool = True
    y2: Axis | None = None

    def drawn(self) -> dict[str, Any]:
        """What the scripts draw."""
        return {**_plain(self), "x": _plain(self.x), "y": _plain(self.y), "y2": self.y2 and _plain(self.y2)} | {
            "traces": [_plain(trace) for trace in self.traces],
            "marks": [_plain(mark) for mark in self.marks],
        }

    @property
    def is_crowded(self) -> bool:
        """Whether the legend and the names on the axis need room."""
        return sum(trace.legend for trace in self.traces) > CROWD or len(self.x.names) > CROWD

    def is_empty(self) -> bool:
        return not any(y is not None for trace in self.traces for y in trace.y)

    def rows(self) -> Iterator[tuple[str, Value, float | None, float | None, float | None, str]]:
        """Each point that the table has, as (trace, x, y, low, high, note)."""
        names: dict[Value, str] = dict(self.x.names)
        for trace in self.traces:
            unknown, silent = [None] * len(trace.x), [""] * len(trace.x)
            columns = (trace.x, trace.y, trace.low or unknown, trace.high or unknown, trace.notes or silent)
            if trace.tabled:
                yield from (
                    (trace.name, names.get(x, x), y, low, high, note)
                    for x, y, low, high, note in zip(*columns, strict=True)
                )


def _plain(part: "Figure | Axis | Trace | Mark") -> dict[str, Any]:
    """Its fields; not by `asdict`, which copies every number of long series."""
    return {field.name: getattr(part, field.name) for field in fields(part)}
