"""Columns of machines to compare: the newest comparable result of each model and test type on each."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

from api.conclusions.comparisons.columns import MAX_COLUMNS, Column, letters
from api.conclusions.histories.history_query import metric_of
from api.conclusions.leaderboard.board import Wanted, board
from common.catalogue.test_types import GROUPS
from common.store.earlier import samples
from common.store.earlier.newest.newest import NewestTest
from common.store.earlier.samples import TestSamples
from common.store.tables import Session

MODELS_BY = "decode"
"""The test type by which models are ordered, the fastest first."""

Place = tuple[str, str]
"""A host and a model."""


def machine_columns(places: Sequence[tuple[str, str | None]]) -> tuple[list[Column], int]:
    """Return the columns of these hosts in their order, each with one model or with all, and how many do not fit.

    The options of a test type are those that most results have, as in the leaderboard.
    """
    newest = _newest(places)
    sessions = {session.id: session for session in samples.sessions({test.session_id for test in newest})}
    measured: dict[Place, dict[str, TestSamples]] = {(test.host, test.model): {} for test in newest}
    for test in samples.of_tests([test.id for test in newest]):
        if test.session_id in sessions:
            measured[test.host, test.model][test.test_type] = test
    known = [place for place, tests in measured.items() if tests]
    wanted = list(dict.fromkeys(place for asked in places for place in known if _is_asked(place, [asked])))
    lettered = zip(islice(letters(), MAX_COLUMNS), wanted, strict=False)
    shown = [_column(letter, place, measured[place], sessions) for letter, place in lettered]
    return shown, len(wanted) - len(shown)


def _newest(places: Sequence[tuple[str, str | None]]) -> list[NewestTest]:
    """Return the newest tests, type by type, `MODELS_BY` first, and of each type those with the best answers first."""
    models = {model for _, model in places}
    model = next(iter(models)) if len(models) == 1 else None
    types = sorted((one.name for group in GROUPS.values() for one in group), key=lambda name: name != MODELS_BY)
    boards = (board(Wanted(name, metric_of(name, None), model=model)) for name in types)
    found = [entry.result.test for each in boards for entry in each.entries]
    return [test for test in found if _is_asked((test.host, test.model), places)]


def _is_asked(place: Place, places: Iterable[tuple[str, str | None]]) -> bool:
    return any(place[0] == host and model in (None, place[1]) for host, model in places)


def _column(letter: str, place: Place, tests: Mapping[str, TestSamples], sessions: Mapping[str, Session]) -> Column:
    own = {test.session_id: sessions[test.session_id] for test in tests.values()}
    newest = max(own.values(), key=lambda session: (session.created_at, session.id))
    model = next(model for model in newest.models if model["name"] == place[1])
    return Column(letter, newest, model, tests, own, machine=place[0])
