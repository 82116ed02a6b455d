"""Titles of the columns of a comparison, and their facts other than results."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from api.circumstances import UNKNOWN, further_facts, machine_facts, settings_text
from api.comparisons.columns import Column
from api.comparisons.obstacles import unlike_options
from common.free_json import Json
from common.machines.fingerprint import parts
from common.records.runs import SoftwareRecord
from common.store.earlier.samples import TestSamples
from common.store.tables import Session
from common.units import text

QUANTISATION = re.compile(r"(I?Q\d|BF16|F16|F32|FP\d|MXFP|NVFP)", re.IGNORECASE)


def column_facts(column: Column) -> dict[str, str]:
    """Return, as text, the facts that may explain a difference from another column."""
    inventory = column.inventory or {}
    machine = {**machine_facts(parts(inventory) if inventory else {}), **further_facts(inventory)}
    found = {**_model_facts(column.model), **_session_facts(column.session), **machine}
    return {**found, **_software_facts([test.software for test in column.tests.values() if test.software])}


def session_title(session: Session) -> str:
    return session.name or f"{session.created_at:%Y-%m-%d %H:%M}"


def titles(shown: Sequence[Column]) -> dict[str, str]:
    """Return a short title for each column by letter, made of what distinguishes the columns."""
    one_model = len({column.model["name"] for column in shown}) == 1
    one_session = len({column.session.id for column in shown}) == 1
    if one_model:
        return {column.letter: f"{column.letter} · {session_title(column.session)}" for column in shown}
    if one_session:
        return {column.letter: f"{column.letter} · {column.model['name']}" for column in shown}
    return {
        column.letter: f"{column.letter} · {column.model['name']}, {session_title(column.session)}" for column in shown
    }


def _model_facts(model: Json) -> dict[str, str]:
    tags = model.get("tags") or []
    return {
        "Model": model["name"],
        "Model digest": (model.get("digest") or UNKNOWN)[:12],
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
        "Model digest": _each_once((each["digest"] or UNKNOWN)[:12] for each in software),
        "Ollama": _each_once(each["ollamaVersion"] or UNKNOWN for each in software),
        "Engine": _each_once(each.get("engine") or UNKNOWN for each in software),
        "Ollama settings": _each_once(settings_text(each["settings"]) for each in software),
    }


def _each_once(words: Iterable[str]) -> str:
    return ", then ".join(dict.fromkeys(words))


@dataclass(frozen=True)
class ColumnFact:
    """One fact in all columns; `values` are in the order of the columns."""

    name: str
    values: tuple[str, ...]

    @property
    def differs(self) -> bool:
        return len(set(self.values)) > 1


def facts(shown: Sequence[Column]) -> list[ColumnFact]:
    """Return the facts of all columns, fact by fact."""
    by_column = [column_facts(column) for column in shown]
    return [ColumnFact(name, tuple(known[name] for known in by_column)) for name in by_column[0]]


def option_facts(shown: Sequence[Column], baseline: Column) -> list[ColumnFact]:
    """Return the options in which a test of a column is unlike that of the baseline, test type by test type."""
    return [
        ColumnFact(f"{name}: {option}", tuple(_option(column.tests.get(name), option) for column in shown))
        for name, base in baseline.tests.items()
        for option in dict.fromkeys(
            option for column in shown if name in column.tests for option in unlike_options(base, column.tests[name])
        )
    ]


def _option(test: TestSamples | None, option: str) -> str:
    if test is None:
        return UNKNOWN
    value = test.options.get(option)
    return "automatic" if value is None else str(value)
