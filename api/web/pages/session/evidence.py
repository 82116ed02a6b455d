"""What a verdict rests on, in words: each number with its unit, which its name and the verdict tell."""

from api.web.pages.formatting import label, spaced, text
from common.catalogue.metrics import METRICS
from common.records.verdicts import VerdictRecord
from common.units import three_digits

SHARE = "of 1"
METRIC = "the metric's"
METRIC_A_RUN = "the metric's a run"
UNITS = {
    **dict.fromkeys(("foreignCpu", "cpu", "gpu", "foreignGpu", "processes", "reasons", "percent", "onBattery"), "%"),
    **dict.fromkeys(("share", "vramShare", "cached"), "%"),
    **dict.fromkeys(("halfWidth", "rejectionRate"), SHARE),
    **dict.fromkeys(("foreignVram", "vram", "swapUsed", "growth", "size", "sizeVram", "models"), "bytes"),
    **dict.fromkeys(("client", "server", "total", "load", "prompt", "eval", "residual", "jump", "gap"), "ms"),
    **dict.fromkeys(("loadTime", "warmUps"), "ms"),
    **dict.fromkeys(("clientTokensPerSecond", "decodeTokensPerSecond"), "tokens/s"),
    **dict.fromkeys(("outputTokens", "promptTokens", "cachedTokens", "contextLength"), "tokens"),
    **dict.fromkeys(("slope", "low", "high"), METRIC_A_RUN),
}
UNITS_IN = {
    "cpu-slowed": {"first": "MHz", "last": "MHz"},
    "output-length": {"wanted": "tokens"},
    "prompt-length": {"wanted": "tokens"},
    "unsettled": {"wanted": SHARE},
    "unstable-warm-up": {"last": METRIC, "before": METRIC},
}
"""Of names that have another unit in each verdict."""
COUNTS = {"embeddings", "wanted", "readings", "rejected", "counted", "runs", "layers"}
WORDS = {"doneReason", "error", "metric", "loadedBefore", "points"}


def told(verdict: VerdictRecord, headline: str) -> str:
    """`half width 5.90 %, wanted 2.00 %, runs 5`, of a test that is read by the `headline` metric first."""
    evidence = verdict["evidence"]
    units = {**UNITS, **UNITS_IN.get(verdict["name"], {})}
    metric = METRICS.get(evidence.get("metric") or headline)
    measured = {METRIC: metric.unit if metric else "", METRIC_A_RUN: f"{metric.unit if metric else ''} a run".lstrip()}
    known = {name: units.get(name, "") for name in evidence}
    return ", ".join(
        f"{spaced(name)} {said(value, measured.get(known[name], known[name]))}"
        for name, value in evidence.items()
        if value is not None
    )


def said(value: object, unit: str = "") -> str:
    """A value of evidence, or of an option, for a person to read; those within it have the same unit."""
    match value:
        case bool():
            return "yes" if value else "no"
        case int() | float():
            return _number(value, unit)
        case list() | tuple():
            return ", ".join(said(part, unit) for part in value)
        case dict():  # not Mapping, which takes many times as long to tell, of thousands of values
            return f"({', '.join(f'{name} {said(part, unit)}' for name, part in value.items())})"
    return "–" if value is None else label(str(value))


def _number(value: float, unit: str) -> str:
    if unit:
        return text(100 * value, "%") if unit == SHARE else text(value, unit)
    if isinstance(value, int):
        return str(value)
    return f"{value:.4g}" if abs(value) < 1 else three_digits(value)
