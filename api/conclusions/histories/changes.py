"""What changed between two sessions of a history: server, model, machine or point. It may coincide with a step."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from operator import or_

from api.conclusions.circumstances import UNKNOWN, further_facts, machine_facts, settings_text
from common.catalogue.wording import point_text
from common.machines.fingerprint import parts
from common.store.earlier.history import HistoryEntry
from common.values.free_json import Json

DIGEST_LENGTH = 12
MAX_SHORT = 24


@dataclass(frozen=True)
class Change:
    """A change of one property between two sessions, such as `Ollama changed from 0.9.3 to 0.9.4`."""

    name: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.name} changed from {self.before} to {self.after}"

    @property
    def short(self) -> str:
        """The change in a few letters, such as `driver 570.1`."""
        return f"{self.name.split()[-1]} {self.after}"[:MAX_SHORT]


def changes(sessions: Sequence[HistoryEntry]) -> list[tuple[Change, ...]]:
    """Return, for each session, the changes since the last known values of the sessions before."""
    inventories = {id(session.inventory): session.inventory or {} for session in sessions}  # most share one
    machines = {key: _machine(inventory) for key, inventory in inventories.items()}
    states = [_state(session, machines[id(session.inventory)]) for session in sessions]
    before = [*states[:1], *accumulate(states[:-1], or_)]
    return [_between(old, new) for old, new in zip(before, states, strict=True)]


def _between(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[Change, ...]:
    return tuple(Change(name, value, after[name]) for name, value in before.items() if value != after.get(name, value))


def _machine(inventory: Json) -> dict[str, str]:
    """Return the properties of a machine that may change between sessions."""
    machine = machine_facts(parts(inventory) if inventory else {})
    further = {name: value for name, value in further_facts(inventory).items() if value != UNKNOWN}
    found = machine | further
    return {f"the {name if name[:3].isupper() else name.lower()}": value for name, value in found.items()}


def _state(session: HistoryEntry, machine: Mapping[str, str]) -> dict[str, str]:
    """Return the properties of server, model, machine and point that may change between sessions."""
    digest = session.model.get("digest") or "unknown"
    return {
        "Ollama": session.ollama_version or "unknown",
        **({} if session.settings is None else {"Ollama's settings": settings_text(session.settings)}),
        "the model's digest": digest[:DIGEST_LENGTH],
        **machine,
        "the point": point_text(session.point) or "none",
    }
