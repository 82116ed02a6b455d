"""Comparisons that a reader may want: the newest nights, all machines or those that measured the same, and models."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from api.conclusions.comparisons.words import titles
from api.web.pages.presentation.titles import called
from common.store.tables import Session, Status

MAX_EACH = 6
"""Suggestions of one kind."""


@dataclass(frozen=True)
class Suggestion:
    """What is compared, its `sessions` or `hosts`, and the `titles` of what is compared."""

    subject: str
    sessions: Sequence[Session]
    titles: Sequence[str]
    hosts: Sequence[str] = ()


def suggestions(newest: Iterable[Session]) -> dict[str, list[Suggestion]]:
    """Return suggestions by the question that they answer, from sessions, newest first. Only completed ones count."""
    completed = [session for session in newest if session.status == Status.COMPLETED]
    found = {
        "Did anything change?": _nights(completed),
        "Which machine is faster?": chain(_newest(completed), _machines(completed)),
        "Which model is faster?": _models(completed),
    }
    every = {question: list(islice(kind, MAX_EACH)) for question, kind in found.items()}
    return {question: known for question, known in every.items() if known}


def _nights(completed: Sequence[Session]) -> Iterator[Suggestion]:
    """Yield the newest two sessions of each name on each host."""
    for group in _grouped(completed, by_host=True):
        if len(group) > 1:
            yield _suggestion(f"{called(group[0])} on {group[0].host}", group[1::-1])


def _newest(completed: Sequence[Session]) -> Iterator[Suggestion]:
    """Yield all machines by their newest results."""
    hosts = sorted({session.host for session in completed})
    if len(hosts) > 1:
        yield Suggestion("the newest results of all models", [], hosts, hosts)


def _machines(completed: Sequence[Session]) -> Iterator[Suggestion]:
    """Yield the newest session of each name on each of several hosts."""
    for group in _grouped(completed, by_host=False):
        hosts = {session.host: session for session in reversed(group)}
        if len(hosts) > 1:
            yield _suggestion(called(group[0]), sorted(hosts.values(), key=lambda one: one.created_at))


def _models(completed: Sequence[Session]) -> Iterator[Suggestion]:
    """Yield the newest sessions of each name with several models."""
    for group in _grouped(completed, by_host=True):
        models = [model["name"] for model in group[0].models]
        if len(models) > 1:
            yield Suggestion(f"{called(group[0])} on {group[0].host}", group[:1], models)


def _suggestion(subject: str, sessions: Sequence[Session]) -> Suggestion:
    return Suggestion(subject, sessions, titles.of_sessions(sessions))


def _grouped(sessions: Iterable[Session], *, by_host: bool) -> list[list[Session]]:
    groups: dict[tuple[str, str], list[Session]] = {}
    for session in sessions:
        groups.setdefault((called(session), session.host if by_host else ""), []).append(session)
    return list(groups.values())
