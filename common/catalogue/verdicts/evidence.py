"""The evidence of verdicts, and the values of options, in words."""

from collections.abc import Mapping
from typing import Any

from common.catalogue.metrics import METRICS
from common.catalogue.verdicts import VERDICTS
from common.catalogue.verdicts.clauses import CLAUSES, fields_of
from common.catalogue.verdicts.verdict_type import FRACTION, METRIC_UNIT, METRIC_UNIT_PER_RUN
from common.catalogue.wording import point_text, spaced
from common.values.units import text, three_digits

COUNTED = frozenset({"requests", "tokens"})
"""Units of evidence that have a singular."""
OF_OTHERS = "foreign"
"""How the names of evidence on other programs begin."""


def evidence_text(verdict: Mapping[str, Any], headline: str) -> str:
    """Return `The interval is ±5.90 % around the median after 5 runs, ±2.00 % was wanted.`, without unknown values.

    `headline` is the headline metric of the test. Verdicts of another release have their fields one after another,
    without units. The text is empty if nothing is known.
    """
    evidence = {name: value for name, value in verdict["evidence"].items() if _says_something(name, value)}
    units = _units(verdict, headline)
    shown = {name: _outermost(value, units.get(name, "")) for name, value in evidence.items()}
    clauses = _clauses(verdict["name"], shown)
    sentence = ", ".join(clauses)
    return f"{sentence[:1].upper()}{sentence[1:]}." if clauses else ""


def _clauses(verdict: str, shown: Mapping[str, str]) -> list[str]:
    if verdict not in CLAUSES:
        return [f"{spaced(name)} {value}" for name, value in shown.items()]
    return [clause.format_map(shown) for clause in CLAUSES[verdict] if shown.keys() >= set(fields_of(clause))]


def _says_something(name: str, value: object) -> bool:
    """Return whether a value is known, and is not a part of the machine that other programs left alone."""
    return value is not None and (bool(value) or not name.startswith(OF_OTHERS))


def _units(verdict: Mapping[str, Any], headline: str) -> dict[str, str]:
    declared = VERDICTS.get(verdict["name"])
    metric = METRICS.get(verdict["evidence"].get("metric") or headline)
    unit = metric.unit if metric else ""
    resolved = {METRIC_UNIT: unit, METRIC_UNIT_PER_RUN: f"{unit} per run".lstrip()}
    return {name: resolved.get(unit, unit) for name, unit in declared.evidence.items()} if declared else {}


def _outermost(value: object, unit: str) -> str:
    """Return a value in words, without the brackets that only an inner one needs."""
    return _named_values(value, unit) if isinstance(value, dict) else value_text(value, unit)


def value_text(value: object, unit: str = "") -> str:
    """Return a value in words. Values within it have the same unit."""
    match value:
        case bool():
            return "yes" if value else "no"
        case int() | float():
            return _number(value, unit)
        case list() | tuple():
            return ", ".join(point_text(part) if isinstance(part, dict) else value_text(part, unit) for part in value)
        case dict():  # not Mapping, which is many times slower to check for thousands of values
            return f"({_named_values(value, unit)})"
    return "–" if value is None else _label(str(value))


def _named_values(values: Mapping[Any, object], unit: str) -> str:
    return ", ".join(f"{_name(name)} {value_text(value, unit)}" for name, value in values.items())


def _name(name: str) -> str:
    """Return a name of a field as words, and that of a model or a process as it is."""
    return spaced(name) if name.isalpha() and name[0].islower() else name


def _number(value: float, unit: str) -> str:
    if unit in COUNTED and value == 1:
        return f"1 {unit.removesuffix('s')}"
    if unit:
        return text(100 * value, "%") if unit == FRACTION else text(value, unit)
    if isinstance(value, int):
        return str(value)
    return f"{value:.4g}" if abs(value) < 1 else three_digits(value)


def _label(word: str) -> str:
    """Return the label of a metric, and any other word as it is."""
    return METRICS[word].label if word in METRICS else word
