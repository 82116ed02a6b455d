"""Columns of a comparison: one model in one session each, with its facts other than results."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from api.web.pages.formatting import text
from common.free_json import Json
from common.machines.fingerprint import parts
from common.records.runs import SoftwareRecord
from common.store.history import TestSamples
from common.store.tables import Session

LETTERS = "ABCDEFGHIJKL"
MAX_COLUMNS = len(LETTERS)
QUANTISATION = re.compile(r"(I?Q\d|BF16|F16|F32|FP\d|MXFP|NVFP)", re.IGNORECASE)
UNKNOWN = "–"
UNREAD_SETTINGS = "unknown, because the worker cannot read them"
"""Of a server on another machine, in a container, or of another user."""


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


def settings_text(settings: Mapping[str, str | None] | None) -> str:
    """Return the settings of Ollama that are set."""
    if settings is None:
        return UNREAD_SETTINGS
    return ", ".join(f"{name}={value}" for name, value in settings.items() if value is not None) or "none set"


def _each_once(words: Iterable[str]) -> str:
    return ", then ".join(dict.fromkeys(words))


def machine_facts(machine: Json) -> dict[str, str]:
    """Return the parts of a machine's identity (`fingerprint.parts`) as text, all unknown if `machine` is empty."""
    cpu, gpus, limits = machine.get("cpu") or {}, machine.get("gpu") or [], machine.get("limits") or {}
    return {
        "CPU": _listed(cpu.get("model"), cpu.get("cores") and f"{cpu['cores']} cores", _threads(cpu)),
        "GPU": "; ".join(_listed(gpu.get("model"), text(gpu.get("memory"), "bytes")) for gpu in gpus)
        or ("none" if machine else UNKNOWN),
        "GPU driver": "; ".join(sorted({gpu.get("driver") or UNKNOWN for gpu in gpus})) or UNKNOWN,
        "RAM": f"{machine['ram'] >> 30} GiB" if machine.get("ram") else UNKNOWN,
        "Kernel": machine.get("kernel") or UNKNOWN,
        "Limits": _listed(*(f"{name}: {value}" for name, value in limits.items() if value is not None)),
    }


def further_facts(inventory: Json) -> dict[str, str]:
    """Return the facts of an inventory that are not part of the machine's identity, as text."""
    cpu, ram, storage, system, bios = (inventory.get(part) or {} for part in ("cpu", "ram", "storage", "os", "bios"))
    return {
        "CPU maximum clock": text(cpu.get("frequency"), "MHz"),
        "Microcode": cpu.get("microcode") or UNKNOWN,
        "RAM modules": _listed(ram.get("type"), _known(ram.get("frequency"), "MHz")),
        "Models' disk": _listed(storage.get("type"), _known(storage.get("size"), "bytes")),
        "System": _listed(system.get("name"), system.get("version")),
        "Firmware": _listed(bios.get("vendor"), bios.get("version"), bios.get("date")),
    }


def _known(value: float | None, unit: str) -> str | None:
    return None if value is None else text(value, unit)


def _threads(cpu: Json) -> str | None:
    return cpu.get("threads") and f"{cpu['threads']} threads"


def _listed(*words: str | None) -> str:
    return ", ".join(word for word in words if word) or UNKNOWN


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
