"""Columns of a comparison: one model in one session each, or on one machine."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice, product
from string import ascii_uppercase

from common.catalogue.test_types import TEST_TYPES
from common.records.conditions import Conditions
from common.store.earlier.samples import TestSamples
from common.store.tables import Session
from common.values.free_json import Json

MAX_COLUMNS = 160
"""20 models in 8 sessions."""
MAX_DETAILED = 12
"""Columns that are compared in all metrics, and whose points are compared with each other."""


def letters() -> Iterator[str]:
    """Yield the letters of columns: A to Z, then AA to ZZ."""
    for length in (1, 2):
        yield from map("".join, product(ascii_uppercase, repeat=length))


@dataclass(frozen=True)
class Column:
    """One model in one session, or the newest results of one model on a machine.

    `letter` identifies the column within the comparison. `tests` holds its tests by type. The tests of a `machine` may
    be of several `sessions`, which are by id. Its `session` is then the newest of them.
    """

    letter: str
    session: Session
    model: Json
    tests: Mapping[str, TestSamples]
    sessions: Mapping[str, Session] = field(default_factory=dict)
    machine: str | None = None

    @property
    def source(self) -> str:
        """What the column is of: the machine, or the id of the session."""
        return self.machine or self.session.id

    @property
    def key(self) -> str:
        """The name of the column in the URL of a comparison."""
        return key(self.source, self.model["name"])

    @property
    def inventory(self) -> Json | None:
        """The hardware of the session, None if it is unknown."""
        return self.session.hardware.inventory if self.session.hardware else None

    def conditions(self, test: TestSamples) -> Conditions:
        """Return what a test of this column was measured with."""
        session = self.sessions.get(test.session_id, self.session)
        return Conditions.of(
            self.model["name"],
            session.host,
            submitted=session.models,
            ollama_version=session.ollama_version,
            fingerprint=session.hardware.fingerprint if session.hardware else None,
            software=test.software,
        )


def key(source: str, model: str) -> str:
    return f"{source}/{model}"


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
    lettered = zip(islice(letters(), MAX_COLUMNS), keys, strict=False)
    return [Column(letter, *known[name], by_column.get(name, {})) for letter, name in lettered]


def _is_wanted(model: Json, models: Sequence[str]) -> bool:
    return not models or model["name"] in models


def baseline_of(shown: Sequence[Column], wanted: str) -> Column:
    """Return the column whose key is `wanted`, or the first of the session or machine `wanted`, or the first column."""
    exact = [column for column in shown if column.key == wanted]
    of_source = [column for column in shown if column.source == wanted.partition("/")[0]]
    return [*exact, *of_source, *shown][0]


def baselines(shown: Sequence[Column], wanted: str) -> dict[str, Column]:
    """Return the column that each one is compared with, by letter: itself if with none.

    If `wanted` names a model of a session, all are compared with that. Otherwise like is compared with like: a model
    with the same model of the baseline's session. Sessions of which no two have a model in common, or only one, are
    compared as models, with the first model of the baseline's session.
    """
    chosen = baseline_of(shown, wanted)
    if "/" in wanted or not is_by_session(shown):
        return dict.fromkeys((column.letter for column in shown), chosen)
    own = {column.model["name"]: column for column in shown if column.source == chosen.source}
    common = {column.source for column in shown if column.model["name"] in own}
    return {
        column.letter: own.get(column.model["name"], column if column.source in common else chosen) for column in shown
    }


def is_by_session(shown: Sequence[Column]) -> bool:
    """Return whether sessions or machines are compared, and not models: several have a model in common."""
    return len({column.model["name"] for column in shown}) < len(shown)


def test_types(shown: Sequence[Column]) -> list[str]:
    """Return the test types of all columns, in the catalogue's order."""
    present = dict.fromkeys(name for column in shown for name in column.tests)
    return [name for name in TEST_TYPES if name in present] + [name for name in present if name not in TEST_TYPES]
