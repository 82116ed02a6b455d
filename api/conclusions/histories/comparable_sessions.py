"""The sessions of a history that are comparable: those of one host with one set of options."""

from collections.abc import Iterable, Mapping
from typing import Any

from common.catalogue.effort import REPETITIONS
from common.store.earlier.history import HistoryEntry


def comparable_groups(sessions: Iterable[HistoryEntry]) -> dict[tuple[str, str], list[HistoryEntry]]:
    """Return the sessions with a value by host and options as text, the group of the newest session first."""
    groups: dict[tuple[str, str], list[HistoryEntry]] = {}
    for session in sessions:
        if session.statistic and session.statistic["value"] is not None:
            groups.setdefault((session.host, options_text(session.options)), []).append(session)
    return dict(sorted(groups.items(), key=lambda group: group[1][-1].at, reverse=True))


def options_text(options: Mapping[str, Any]) -> str:
    """Return the options that affect what is measured, in the order of their names."""
    given = {name: value for name, value in sorted(options.items()) if name not in REPETITIONS and value is not None}
    return ", ".join(f"{name} {_slashed(value)}" for name, value in given.items())


def _slashed(value: object) -> str:
    return "/".join(map(str, value)) if isinstance(value, list) else str(value)
