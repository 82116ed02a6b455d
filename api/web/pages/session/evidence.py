"""The evidence of verdicts, and the values of options, in words."""

from api.web.pages.formatting import label, spaced, text
from common.catalogue.metrics import METRICS
from common.catalogue.verdicts import VERDICTS
from common.catalogue.verdicts.verdict_type import FRACTION, METRIC_UNIT, METRIC_UNIT_PER_RUN
from common.records.verdicts import VerdictRecord
from common.units import three_digits


def evidence_text(verdict: VerdictRecord, headline: str) -> str:
    """Return `half width 5.90 %, wanted 2.00 %, runs 5`, without unknown values.

    `headline` is the headline metric of the test. Fields that are not declared, as in verdicts of another release, have
    no unit.
    """
    evidence, declared = verdict["evidence"], VERDICTS.get(verdict["name"])
    metric = METRICS.get(evidence.get("metric") or headline)
    unit = metric.unit if metric else ""
    resolved = {METRIC_UNIT: unit, METRIC_UNIT_PER_RUN: f"{unit} per run".lstrip()}
    units = {name: resolved.get(unit, unit) for name, unit in declared.evidence.items()} if declared else {}
    return ", ".join(
        f"{spaced(name)} {value_text(value, units.get(name, ''))}"
        for name, value in evidence.items()
        if value is not None
    )


def value_text(value: object, unit: str = "") -> str:
    """Return a value in words. Values within it have the same unit."""
    match value:
        case bool():
            return "yes" if value else "no"
        case int() | float():
            return _number(value, unit)
        case list() | tuple():
            return ", ".join(value_text(part, unit) for part in value)
        case dict():  # not Mapping, which is many times slower to check for thousands of values
            return f"({', '.join(f'{name} {value_text(part, unit)}' for name, part in value.items())})"
    return "–" if value is None else label(str(value))


def _number(value: float, unit: str) -> str:
    if unit:
        return text(100 * value, "%") if unit == FRACTION else text(value, unit)
    if isinstance(value, int):
        return str(value)
    return f"{value:.4g}" if abs(value) < 1 else three_digits(value)
