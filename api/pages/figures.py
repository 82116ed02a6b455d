"""What a chart shows, as data: api/static/figures.js draws it, and the page has the same numbers as a table."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

Value = float | int | str | None


@dataclass(frozen=True)
class Axis:
    """`unit` is shown beside the title. A `time` axis has milliseconds since 1970."""

    title: str
    unit: str = ""
    scale: Literal["linear", "log", "category", "time"] = "linear"
    better: Literal["lower", "higher", "neither"] = "neither"


@dataclass(frozen=True)
class Trace:
    """One series: `y` over `x`, None where unknown; `low` and `high` bound each y; `notes` are shown at a point."""

    name: str
    x: Sequence[Value]
    y: Sequence[float | None]
    low: Sequence[float | None] | None = None
    high: Sequence[float | None] | None = None
    look: Literal["line", "dots", "bars"] = "line"
    notes: Sequence[str] | None = None


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

    def drawn(self) -> dict[str, Any]:
        """What figures.js draws."""
        return asdict(self)

    def is_empty(self) -> bool:
        return not any(y is not None for trace in self.traces for y in trace.y)

    def rows(self) -> Iterator[tuple[str, Value, float | None, float | None, float | None]]:
        """Each point as (trace, x, y, low, high)."""
        for trace in self.traces:
            unknown = [None] * len(trace.x)
            yield from (
                (trace.name, *point)
                for point in zip(trace.x, trace.y, trace.low or unknown, trace.high or unknown, strict=True)
            )
