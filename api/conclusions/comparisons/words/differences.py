"""What distinguishes the alternatives of a comparison other than their results."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from api.conclusions.circumstances import UNKNOWN, further_facts, machine_facts, settings_text
from api.conclusions.comparisons.alternatives import Alternative
from api.conclusions.comparisons.columns import Column
from api.conclusions.comparisons.evaluation.obstacles import unlike_options
from common.machines.fingerprint import parts
from common.records.runs import SoftwareRecord
from common.store.earlier.samples import TestSamples
from common.store.tables import Session
from common.values.units import text

QUANTISATION = re.compile(r"(I?Q\d|BF16|F16|F32|FP\d|MXFP|NVFP)", re.IGNORECASE)


def _model_facts(column: Column) -> dict[str, str]:
    """Return the facts of a model. Its digest is the one that its tests were measured with, if they say so."""
    model = column.model
    tags = model.get("tags") or []
    software = [test.software for test in column.tests.values() if test.software]
    digests = [each["digest"] for each in software] or [model.get("digest")]
    return {
        "Model": model["name"],
        "Model digest": _each_once((digest or UNKNOWN)[:12] for digest in digests),
        "Quantisation": next((tag for tag in tags if QUANTISATION.match(tag)), UNKNOWN),
        "Model size": text(model.get("size"), "file bytes"),
    }


def _session_facts(session: Session) -> dict[str, str]:
    return {
        "Ollama": session.ollama_version or UNKNOWN,
        "Host": session.host,
        "Order of the runs": session.order,
        "Effort": session.effort or UNKNOWN,
        "Sampler": "running" if session.hardware else "not running",
    }


def _software_facts(software: Sequence[SoftwareRecord]) -> dict[str, str]:
    """Return what the tests were measured with, each value once. Without tests the session's own facts stay."""
    if not software:
        return {"Engine": UNKNOWN, "Ollama settings": UNKNOWN}
    return {
        "Ollama": _each_once(each["ollamaVersion"] or UNKNOWN for each in software),
        "Engine": _each_once(each.get("engine") or UNKNOWN for each in software),
        "Ollama settings": _each_once(settings_text(each["settings"]) for each in software),
    }


def _each_once(words: Iterable[str]) -> str:
    return ", then ".join(dict.fromkeys(words))


@dataclass(frozen=True)
class ColumnFact:
    """One fact of all alternatives; `values` are in their order."""

    name: str
    values: tuple[str, ...]

    @property
    def differs(self) -> bool:
        return len(set(self.values)) > 1


def facts(found: Sequence[Alternative]) -> list[ColumnFact]:
    """Return the facts of all alternatives, those of their models first."""
    shared = [_session_and_machine(one) for one in found]
    return [*_of_models(found), *(ColumnFact(name, tuple(known[name] for known in shared)) for name in shared[0])]


def _session_and_machine(found: Alternative) -> dict[str, str]:
    """Return, as text, the facts of an alternative that may explain a difference, without those of its models."""
    column = found.first
    inventory = column.inventory or {}
    machine = {**machine_facts(parts(inventory) if inventory else {}), **further_facts(inventory)}
    software = [test.software for each in found.columns.values() for test in each.tests.values() if test.software]
    return {**_session_facts(column.session), **machine, **_software_facts(software)}


def _of_models(found: Sequence[Alternative]) -> Iterator[ColumnFact]:
    """Yield the facts of each model. If sessions of several models are compared, only those in which they differ."""
    rows = list(dict.fromkeys(row for one in found for row in one.columns))
    for row in rows:
        by_column = [_model_facts(one.columns[row]) if row in one.columns else {} for one in found]
        for name in dict.fromkeys(name for known in by_column for name in known):
            values = tuple(known.get(name, UNKNOWN) for known in by_column)
            if len(rows) == 1:
                yield ColumnFact(name, values)
            elif len({known[name] for known in by_column if known}) > 1:
                yield ColumnFact(f"{name} of {row}", values)


def option_facts(found: Sequence[Alternative], against: Mapping[str, Column]) -> list[ColumnFact]:
    """Return the options in which a test is unlike the one that it is compared with, test type by test type."""
    columns = [column for one in found for column in one.columns.values()]
    pairs = (
        (name, test, against[column.letter].tests.get(name))
        for column in columns
        for name, test in column.tests.items()
    )
    unlike = dict.fromkeys(
        (name, option) for name, test, base in pairs if base for option in unlike_options(base, test)
    )
    return [
        ColumnFact(f"{name}: {option}", tuple(_options(one, name, option) for one in found)) for name, option in unlike
    ]


def _options(found: Alternative, name: str, option: str) -> str:
    tests = (column.tests[name] for column in found.columns.values() if name in column.tests)
    return _each_once(_option(test, option) for test in tests) or UNKNOWN


def _option(test: TestSamples, option: str) -> str:
    value = test.options.get(option)
    return "automatic" if value is None else str(value)
