"""Columns of a comparison: one model in one session each."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from common.catalogue.test_types import TEST_TYPES
from common.free_json import Json
from common.records.conditions import Conditions
from common.store.earlier.samples import TestSamples
from common.store.tables import Session

LETTERS = "ABCDEFGHIJKL"
MAX_COLUMNS = len(LETTERS)


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
    def inventory(self) -> Json | None:
        """The hardware of the session, None if it is unknown."""
        return self.session.hardware.inventory if self.session.hardware else None

    def conditions(self, test: TestSamples) -> Conditions:
        """Return what a test of this column was measured with."""
        return Conditions.of(
            self.model["name"],
            self.session.host,
            submitted=self.session.models,
            ollama_version=self.session.ollama_version,
            fingerprint=self.session.hardware.fingerprint if self.session.hardware else None,
            software=test.software,
        )


def key(session_id: str, model: str) -> str:
    return f"{session_id}/{model}"


def columns(sessions: Iterable[Session], models: Sequence[str], tests: Iterable[TestSamples]) -> list[Column]:
    """Return a column for each model of each session, restricted to `models` unless empty; MAX_COLUMNS at most."""
    known = list(sessions)
    keys = [key(one.id, model["name"]) for one in known for model in one.models if _is_wanted(model, models)]
    return columns_of(keys, known, tests)


def columns_of(keys: Iterable[str], sessions: Iterable[Session], tests: Iterable[TestSamples]) -> list[Column]:
    """Return the columns with these keys in their order, MAX_COLUMNS at most."""
    by_column: dict[str, dict[str, TestSamples]] = {}
    for test in tests:
        by_column.setdefault(key(test.session_id, test.model), {})[test.test_type] = test
    known = {key(one.id, model["name"]): (one, model) for one in sessions for model in one.models}
    return [Column(letter, *known[name], by_column.get(name, {})) for letter, name in zip(LETTERS, keys, strict=False)]


def _is_wanted(model: Json, models: Sequence[str]) -> bool:
    return not models or model["name"] in models


def baseline_of(shown: Sequence[Column], wanted: str) -> Column:
    """Return the column whose key is `wanted`, or the first of the session `wanted`, or the first column."""
    exact = [column for column in shown if column.key == wanted]
    of_session = [column for column in shown if column.session.id == wanted.partition("/")[0]]
    return [*exact, *of_session, *shown][0]


def baselines(shown: Sequence[Column], wanted: str) -> dict[str, Column]:
    """Return the column that each one is compared with, by letter.

    If `wanted` names a session without a model, a column of another session is compared with the same model there.
    """
    chosen = baseline_of(shown, wanted)
    found = {column.letter: chosen for column in shown}
    if "/" in wanted:
        return found
    same = {column.model["name"]: column for column in shown if column.session.id == chosen.session.id}
    others = [column for column in shown if column.session.id != chosen.session.id]
    return found | {column.letter: same.get(column.model["name"], chosen) for column in others}


def test_types(shown: Sequence[Column]) -> list[str]:
    """Return the test types of all columns, in the catalogue's order."""
    present = dict.fromkeys(name for column in shown for name in column.tests)
    return [name for name in TEST_TYPES if name in present] + [name for name in present if name not in TEST_TYPES]
