"""The leaderboard, as sentences."""

from datetime import timedelta

from api.conclusions.leaderboard.board import Board, Entry
from common.catalogue.metrics import Metric
from common.stats.distribution import bounds_of
from common.values.units import joined, text


def entry_sentence(entry: Entry, metric: Metric) -> str:
    """Return an entry, such as `llama3.2:3b on desk: 78.4 tok/s (78.1 to 78.6), clean, 3 days ago`."""
    test, (low, high) = entry.result.test, bounds_of(entry.statistic)
    interval = f" ({joined(text(low), text(high))})" if low is not None and high is not None else ", no interval"
    value = text(entry.statistic["value"], metric.unit)
    return f"{test.model} on {test.host}: {value}{interval}, {entry.result.grade or 'grade unknown'}, {ago(entry.age)}."


def board_sentence(found: Board) -> str:
    """Return what the ranks say."""
    first = [entry for entry in found.entries if entry.rank == 1]
    if not found.entries:
        return "There is no result."
    if not first:
        return "No result has a rank."
    names = ", ".join(f"{entry.result.test.model} on {entry.result.test.host}" for entry in first)
    if len(first) == 1:
        return f"{names} is clearly ahead." if len(found.entries) > 1 else f"{names} is the only result."
    return f"{names} are ahead, and cannot be distinguished."


def ago(age: timedelta) -> str:
    """Return an age in its largest unit, such as `3 days ago`."""
    hours = max(0, age.total_seconds() / 3600)
    for size, name in ((24 * 365, "year"), (24, "day"), (1, "hour")):
        if hours >= size:
            count = int(hours // size)
            return f"{count} {name}{'s' if count > 1 else ''} ago"
    return "less than an hour ago"
