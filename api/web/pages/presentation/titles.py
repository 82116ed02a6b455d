"""Titles of sessions, and their machines in one line."""

from collections import Counter

from api.web.pages.layout import resource
from api.web.pages.presentation.formatting import text
from common.store.tables import Session
from common.values.free_json import Json

MAX_NAMED = 3
"""Up to this number of test types or models are named; more are counted."""


@resource.app_template_filter()
def called(session: Session) -> str:
    """Return the session's name, or a title such as `decode, ttft: llama3.2:3b`."""
    return _title(session.name, session.test_types, [model["name"] for model in session.models])


@resource.app_template_filter()
def title_of(known: Json) -> str:
    """Return the same for a session as `GET /hosts` gives it."""
    return _title(known["name"], known["test_types"], known["models"])


def _title(name: str | None, test_types: list[str], models: list[str]) -> str:
    short = [model.removesuffix(":latest") for model in models]
    return name or f"{_named_or_counted(test_types, 'test types')}: {_named_or_counted(short, 'models')}"


@resource.app_template_global()
def machine_in_short(session: Session) -> str:
    """Return the known hardware of a session's machine."""
    return hardware_in_short(session.hardware.inventory if session.hardware else {})


def hardware_in_short(known: Json) -> str:
    """Return the hardware of an inventory, such as `NVIDIA H100, 80 GB; AMD EPYC, 64 threads; 25.3 GB of RAM`."""
    gpus = Counter(_joined(gpu.get("model"), _size(gpu.get("memory"))) for gpu in known.get("gpu") or [])
    cpu, ram = known.get("cpu") or {}, known.get("ram") or {}
    threads = f"{cpu['threads']} threads" if cpu.get("threads") else None
    models = [f"{count} × {gpu}" if count > 1 else gpu for gpu, count in gpus.items()]
    return "; ".join(filter(None, [*models, _joined(cpu.get("model"), threads), _size(ram.get("total"), " of RAM")]))


def _joined(*parts: str | None) -> str:
    return ", ".join(filter(None, parts))


def _size(amount: float | None, of: str = "") -> str | None:
    return None if amount is None else f"{text(amount, 'bytes')}{of}"


def _named_or_counted(names: list[str], word: str) -> str:
    return ", ".join(names) if len(names) <= MAX_NAMED else f"{len(names)} {word}"
