"""Charts that answer a test type's question, as data. `api/web/pages/charts` draws them."""

from dataclasses import dataclass
from typing import Literal

from common.catalogue.readings import Measure


@dataclass(frozen=True)
class PointAxis:
    """The x axis of a curve: the value `name` of each point, or the point's median of `metric` if one is given.

    With a metric, points may have one of the values `alternatives` instead. A `whole` axis has whole numbers.
    """

    name: str
    title: str
    unit: str = ""
    scale: Literal["linear", "log"] = "linear"
    metric: str | None = None
    alternatives: tuple[str, ...] = ()
    whole: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """All values that make the place of a point."""
        return (self.name, *self.alternatives)


@dataclass(frozen=True)
class RunsChart:
    """Each run of each model as a dot, with the medians."""

    title: str
    metric: str


@dataclass(frozen=True)
class CurveChart:
    """The medians of a metric over an axis, as one line per model.

    `single_title` is the title of the RunsChart that takes its place if there is only one value on the axis; without
    it, the curve is always drawn. `has_p95` adds the 95th percentiles, `marks_knees` the knee of each model.
    """

    title: str
    metric: str
    axis: PointAxis
    single_title: str = ""
    has_p95: bool = False
    marks_knees: bool = False


@dataclass(frozen=True)
class TimePanel:
    """A figure of a TimeChart, with `readings` of the machine during the runs and the title of their axis."""

    title: str
    axis: str
    readings: tuple[Measure, ...]


@dataclass(frozen=True)
class TimeChart:
    """A metric of each run over time, one figure per panel; one with this `title` if there are no readings."""

    title: str
    metric: str
    panels: tuple[TimePanel, ...]


Chart = RunsChart | CurveChart | TimeChart

BATCH_SIZE = PointAxis("batchSize", "texts per request", scale="log")
CONTEXT_DEPTH = PointAxis("promptTokens", "depth of the context", "tokens", "log")
GPU_LAYERS = PointAxis("offloadPercent", "layers on the GPU", "%")
OFFERED_LOAD = PointAxis(
    "loadPercent",
    "offered load",
    "requests/s",
    metric="offeredRequestsPerSecond",
    alternatives=("requestsPerSecond",),
)
PROMPT_LENGTH = PointAxis("promptTokens", "prompt", "tokens", "log")
TURN = PointAxis("turn", "turn", whole=True)
USERS = PointAxis("users", "users at once", scale="log")
