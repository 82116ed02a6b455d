"""Columns of a comparison: one model in one session each, with its facts other than results."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from api.circumstances import UNKNOWN, further_facts, machine_facts, settings_text
from common.free_json import Json
from common.machines.fingerprint import parts
from common.records.runs import SoftwareRecord
from common.store.history import TestSamples
from common.store.tables import Session
from common.units import text

LETTERS = "ABCDEFGHIJKL"
MAX_COLUMNS = len(LETTERS)
QUANTISATION = re.compile(r"(I?Q\d|BF16|F16|F32|FP\d|MXFP|NVFP)", re.IGNORECASE)


@dataclass(frozen=True)
class Column:
    """One model in one session.

    `letter` identifies the column if there is no room for its title. `tests` holds its tests by type.
    """

    letter: str
    session: Session
    model: Json
    tests: Mapping[str, TestSamples]

    @property
    def key(self) -> str:
        """The name of the column in the URL of a comparison."""
        return key(self.session.id, self.model["name"])

    @property
    def session_title(self) -> str:
        return self.session.name or f"{self.session.created_at:%Y-%m-%d %H:%M}"

    def facts(self) -> dict[str, str]:
        """Return, as text, the facts that may explain a difference from another column."""
        inventory = self.session.hardware.inventory if self.session.hardware else {}
        machine = {**machine_facts(parts(inventory) if inventory else {}), **further_facts(inventory)}
        found = {**_model_facts(self.model), **_session_facts(self.session), **machine}
        return {**found, **_software_facts([test.software for test in self.tests.values() if test.software])}


def key(session_id: str, model: str) -> str:
    return f"{session_id}/{model}"


def columns(sessions: Iterable[Session], models: Sequence[str], tests: Iterable[TestSamples]) -> list[Column]:
    """Return a column for each model of each session, restricted to `models` unless empty; MAX_COLUMNS at most."""
    by_column: dict[str, dict[str, TestSamples]] = {}
    for test in tests:
        by_column.setdefault(key(test.session_id, test.model), {})[test.test_type] = test
    wanted = [(session, model) for session in sessions for model in session.models if _is_wanted(model, models)]
    return [
        Column(letter, session, model, by_column.get(key(session.id, model["name"]), {}))
        for letter, (session, model) in zip(LETTERS, wanted, strict=False)
    ]


def _is_wanted(model: Json, models: Sequence[str]) -> bool:
    return not models or model["name"] in models


def titles(shown: Sequence[Column]) -> dict[str, str]:
    """Return a short title for each column by letter, made of what distinguishes the columns."""
    one_model = len({column.model["name"] for column in shown}) == 1
    one_session = len({column.session.id for column in shown}) == 1
    if one_model:
        return {column.letter: f"{column.letter} · {column.session_title}" for column in shown}
    if one_session:
        return {column.letter: f"{column.letter} · {column.model['name']}" for column in shown}
    return {column.letter: f"{column.letter} · {column.model['name']}, {column.session_title}" for column in shown}


def _model_facts(model: Json) -> dict[str, str]:
    tags = model.get("tags") or []
    return {
        "Model": model["name"],
        "Model digest": (model.get("digest") or UNKNOWN)[:12],
        "Quantisation": next((tag for tag in tags if QUANTISATION.match(tag)), UNKNOWN),
        "Model size": text(model.get("size"), "bytes"),
    }


def _session_facts(session: Session) -> dict[str, str]:
    return {
        "Ollama": session.ollama_version or UNKNOWN,
        "Host": session.host,
        "Order of the runs": session.order,
        "Sampler": "running" if session.hardware else "not running",
    }


def _software_facts(software: Sequence[SoftwareRecord]) -> dict[str, str]:
    """Return what the tests were measured with, each value once. Without tests the session's own facts stay."""
    if not software:
        return {"Ollama settings": UNKNOWN}
    return {
        "Model digest": _each_once((each["digest"] or UNKNOWN)[:12] for each in software),
        "Ollama": _each_once(each["ollamaVersion"] or UNKNOWN for each in software),
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
    by_column = [column.facts() for column in shown]
    return [ColumnFact(name, tuple(column_facts[name] for column_facts in by_column)) for name in by_column[0]]
