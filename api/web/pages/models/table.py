"""Models by machines: how fast each writes, how long it lets a person wait, and how far that can be trusted."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import log

from api.conclusions.histories.history_query import metric_of
from api.conclusions.leaderboard.board import Entry, Wanted, board
from api.conclusions.machines.overview import SPEED, WAIT
from common.store.earlier.newest import newest
from common.values.free_json import Json

HEATS = 6
"""Steps of the colour of a cell, from the slowest to the fastest."""


@dataclass
class ModelCell:
    """A model on a host. `heat` is a step from 1 to HEATS, 0 if its speed is unknown."""

    speed: Entry | None = None
    wait: Entry | None = None
    heat: int = 0

    @property
    def rate(self) -> float | None:
        """Tokens per second, None if unknown."""
        return self.speed.statistic["value"] if self.speed else None


@dataclass
class ModelRow:
    """A model as its newest session lists it. `size` is in bytes, None if unknown. `cells` are by host."""

    name: str
    size: int | None = None
    tags: Sequence[str] = ()
    cells: dict[str, ModelCell] = field(default_factory=dict)

    @property
    def best(self) -> float:
        """The largest rate on any host, 0 if none is known."""
        return max((cell.rate or 0.0 for cell in self.cells.values()), default=0.0)

    def rate_on(self, host: str) -> float:
        """Return the rate on a host, 0 if it is unknown."""
        cell = self.cells.get(host)
        return (cell.rate or 0.0) if cell else 0.0

    def matches(self, words: str) -> bool:
        """Return whether the name and the tags have all words."""
        text = " ".join([self.name, *self.tags]).lower()
        return all(word in text for word in words.lower().split())


@dataclass(frozen=True)
class ModelTable:
    """The rows, the fastest first, and the hosts that have results, with their GPUs' memory in bytes if known."""

    rows: Sequence[ModelRow]
    hosts: Mapping[str, int | None]

    def missing_on(self, host: str) -> list[str]:
        """Return the models without a result there."""
        return [row.name for row in self.rows if host not in row.cells]


def model_table() -> ModelTable:
    """Return all models that have a result."""
    entries = {name: board(Wanted(name, metric_of(name, None))).entries for name in (SPEED, WAIT)}
    sessions = newest.submitted(entry.result.test.session_id for each in entries.values() for entry in each)
    rows: dict[str, ModelRow] = {}
    for kind, found in entries.items():
        for entry in found:
            _place(rows, kind, entry, sessions)
    _heat([cell for row in rows.values() for cell in row.cells.values()])
    hosts = _hosts(entries.values(), sessions)
    return ModelTable(sorted(rows.values(), key=lambda row: (-row.best, row.name)), hosts)


def _place(rows: dict[str, ModelRow], kind: str, entry: Entry, sessions: Mapping[str, newest.Submitted]) -> None:
    test = entry.result.test
    row = rows.setdefault(test.model, ModelRow(test.model))
    known: Json = next(
        (model for model in sessions[entry.result.test.session_id].models if model["name"] == test.model), {}
    )
    row.size, row.tags = known.get("size") or row.size, known.get("tags") or row.tags
    cell = row.cells.setdefault(test.host, ModelCell())
    if kind == SPEED:
        cell.speed = entry
    else:
        cell.wait = entry


def _heat(cells: Sequence[ModelCell]) -> None:
    """Colour the cells by their rates, on a scale of ratios."""
    rates = [cell.rate for cell in cells if cell.rate]
    low, high = log(min(rates, default=1.0)), log(max(rates, default=1.0))
    for cell in cells:
        if cell.rate:
            share = (log(cell.rate) - low) / (high - low) if high > low else 1.0
            cell.heat = min(HEATS, 1 + int(HEATS * share))


def _hosts(boards: Iterable[Sequence[Entry]], sessions: Mapping[str, newest.Submitted]) -> dict[str, int | None]:
    entries = sorted((entry for found in boards for entry in found), key=lambda entry: entry.result.test.at)
    found = {entry.result.test.host: sessions[entry.result.test.session_id].vram for entry in entries}
    return dict(sorted(found.items()))
