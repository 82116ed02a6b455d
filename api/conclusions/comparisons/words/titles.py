"""Titles of what is compared, made of what differs."""

from collections.abc import Callable, Sequence

from common.store.tables import Session

Part = Callable[[Session], str]
"""A part of a session's title."""


def of_sessions(sessions: Sequence[Session]) -> list[str]:
    """Return a title for each session: the name and host if they differ, and more until all titles differ."""
    return _titles(sessions, [[""] * len(sessions)])


def of_models(models: Sequence[tuple[str, Session]]) -> list[str]:
    """Return a title for each model of a session: its name, and what differs between the sessions if that is needed."""
    sessions = [session for _, session in models]
    return _titles(sessions, [[name for name, _ in models]])


def _titles(sessions: Sequence[Session], parts: list[list[str]]) -> list[str]:
    for part in (_name, _host):
        found = [part(session) for session in sessions]
        if len(set(found)) > 1:
            parts.append(found)
    in_one_year = len({session.created_at.year for session in sessions}) == 1
    for further in (_release, _day if in_one_year else _date, _time, _id):
        if len(set(_joined(parts))) == len(sessions):
            break
        found = [further(session) for session in sessions]
        if len(set(found)) > 1:
            parts.append(found)
    return _joined(parts)


def _joined(parts: Sequence[Sequence[str]]) -> list[str]:
    """Return the titles, each with its parts; what has none is called by what it is."""
    return [", ".join(filter(None, of_one)) or "unnamed" for of_one in zip(*parts, strict=True)]


def _name(session: Session) -> str:
    return session.name or ""


def _host(session: Session) -> str:
    return session.host


def _release(session: Session) -> str:
    return f"Ollama {session.ollama_version}" if session.ollama_version else "Ollama of unknown release"


def _day(session: Session) -> str:
    return f"{session.created_at:%-d %b}"


def _date(session: Session) -> str:
    return f"{session.created_at:%-d %b %Y}"


def _time(session: Session) -> str:
    return f"{session.created_at:%H:%M} UTC"


def _id(session: Session) -> str:
    return session.id[-6:]
