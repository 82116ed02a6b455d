"""The two charts at the top of a session's page: what the table beside them does not show."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice
from math import log

from api.web.pages.charts import charts
from api.web.pages.charts.dots import value_axis
from api.web.pages.charts.figures import Axis, Figure, Trace
from api.web.pages.charts.svg.shapes import short
from api.web.pages.session.sections import TestTypeSection
from api.web.pages.session.summary.ranking import SPEED, RankedModel, Ranking
from common.catalogue.charts import CurveChart, TimeChart
from common.catalogue.test_types import TEST_TYPES

PICTURES = 2
MAX_LINES = 6
"""Lines in a chart. More cannot be distinguished, so that only the first models of the ranking have one."""
MIN_SCATTERED = 5
"""Models from which their speeds are drawn over their sizes."""
MAX_LANES = 3
GIGA = 1e9
WIDTH, HEIGHT, LETTER, LINE = 380.0, 190.0, 6.8, 14.0
"""About how large a plot, a letter and a line are, in pixels."""
PREFERRED_CURVES = (
    "concurrency",
    "capacity",
    "open-loop",
    "context-depth",
    "prefill",
    "offload-sweep",
    "embedding",
    "ttft",
)
"""The test types with curves, those first whose curve says most beyond one number."""


def pictures(
    ranking: Ranking | None,
    sections: Sequence[TestTypeSection],
    sizes: dict[str, int],
    read: Callable[[str], TestTypeSection],
) -> list[Figure]:
    """Return the figures: speed over size of many models, then curves, then the single runs of a few models.

    `sizes` are those of the models in bytes. `read` returns a section with its runs.
    """
    order = [each.model for each in ranking.models] if ranking else []
    scattered = _speed_over_size(ranking, sizes) if ranking else None
    found = chain([scattered] if scattered else [], _curves(sections, order), _runs(sections, read))
    return list(islice(found, PICTURES))


def _curves(sections: Sequence[TestTypeSection], order: Sequence[str]) -> Iterator[Figure]:
    """Yield the first curve of each test type that was measured at several points."""
    by_name = {section.test_type: section for section in sections}
    for section in (by_name[name] for name in dict.fromkeys((*PREFERRED_CURVES, *by_name)) if name in by_name):
        if not _has_chart(section.test_type, CurveChart):
            continue
        shown = [test for test in section.measured if test.model in order[:MAX_LINES] or len(order) <= MAX_LINES]
        for figure in charts(section.test_type, shown)[:1]:
            if figure.x.names:
                continue
            left_out = len(section.measured) - len(shown)
            title = f"{figure.title} ({len(shown)} of {len(section.measured)} models)" if left_out else figure.title
            yield replace(figure, title=title, traces=_named(figure.traces))


def _named(traces: Sequence[Trace]) -> list[Trace]:
    """Return the traces, each line with its name at its end if there are several."""
    is_alone = sum(trace.legend for trace in traces) <= 1
    return [replace(trace, label=trace.name) if trace.legend and not is_alone else trace for trace in traces]


def _runs(sections: Sequence[TestTypeSection], read: Callable[[str], TestTypeSection]) -> Iterator[Figure]:
    """Yield the runs of test types without a curve, if the models are few. Those over time are too many to read."""
    for section in sections:
        if 0 < len(section.measured) <= MAX_LANES and not _has_chart(section.test_type, TimeChart):
            yield from (figure for figure in read(section.test_type).figures[:1] if figure.x.names)


def _has_chart(test_type: str, kind: type[CurveChart | TimeChart]) -> bool:
    declared = TEST_TYPES.get(test_type)
    return bool(declared and any(isinstance(chart, kind) for chart in declared.charts))


def _speed_over_size(ranking: Ranking, sizes: dict[str, int]) -> Figure | None:
    known = [each for each in ranking.models if ranking.by == SPEED.title and each.bar and sizes.get(each.model)]
    if len(known) < MIN_SCATTERED:
        return None
    traces = list(_labelled(known, sizes))
    metric = ranking.columns[ranking.by][1]
    return Figure("How much speed does size cost?", Axis("size of the model", "GB", "log"), value_axis(metric), traces)


def _labelled(models: Sequence[RankedModel], sizes: dict[str, int]) -> Iterator[Trace]:
    """Yield a dot for each model, with its name if no name before covers the place."""
    low, high = (log(bound(sizes[each.model] for each in models)) for bound in (min, max))
    taken: list[tuple[float, float]] = []
    for each in models:
        value = each.facts[SPEED.title].value or 0.0
        x = WIDTH * (log(sizes[each.model]) - low) / (high - low or 1.0)
        y = HEIGHT * (each.bar.length if each.bar else 0.0) / 100
        width = LETTER * len(short(each.model))
        is_free = all(abs(y - other) >= LINE or x > end or x + width < end - WIDTH / 2 for end, other in taken)
        taken += [(x + width, y)] if is_free else []
        size = round(sizes[each.model] / GIGA, 3)
        label = each.model if is_free else ""
        yield Trace(each.model, [size], [value], look="dots", series=each.series, legend=False, label=label)
