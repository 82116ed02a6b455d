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


def baseline_of(shown: Sequence[Column], wanted: str) -> Column:
    """Return the column whose key is `wanted`, or the first of the session `wanted`, or the first column."""
    exact = [column for column in shown if column.key == wanted]
    of_session = [column for column in shown if column.session.id == wanted.partition("/")[0]]
    return [*exact, *of_session, *shown][0]


def test_types(shown: Sequence[Column]) -> list[str]:
    """Return the test types of all columns, in the catalogue's order."""
    present = dict.fromkeys(name for column in shown for name in column.tests)
    return [name for name in TEST_TYPES if name in present] + [name for name in present if name not in TEST_TYPES]
