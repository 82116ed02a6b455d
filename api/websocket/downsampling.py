"""Fewer readings a second, that still show every spike: each message carries the extremes since the one before."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import zip_longest
from typing import Any

from api.websocket.hub import Message

WITHOUT_NUMBERS = {"host", "seq", "at", "throttle", "busiest"}
"""Names, and lists whose entries are not the same thing from reading to reading."""

SECOND_MS = 1000


class Thinning:
    """At most `hz` messages a second for each host; the readings between them are seen in the next one's extremes."""

    def __init__(self, hz: float) -> None:
        self._period = SECOND_MS / hz
        self._due: dict[str, float] = {}
        self._extremes: dict[str, tuple[Any, Any]] = {}
        self._added: Message | None = None
        self._sent: Message | None = None

    def add(self, message: Message) -> Message | None:
        """The message to send now with this reading, if one is due: the reading with `min` and `max`. All who add the
        same message, one after the other, share one answer.
        """
        if message is not self._added:
            self._added, self._sent = message, self._thinned(message)
        return self._sent

    def _thinned(self, message: Message) -> Message | None:
        host, numbers = message.body["host"], _numbers(message.body)
        lowest, highest = self._extremes.get(host, (None, None))
        lowest, highest = _fold(min, lowest, numbers), _fold(max, highest, numbers)
        self._extremes[host] = lowest, highest
        due = self._due.get(host, 0)
        if message.seq < due:
            return None
        # The beat is kept where readings come a little late, so that their jitter costs no message.
        self._due[host] = due + self._period if due + self._period > message.seq else message.seq + self._period
        del self._extremes[host]
        return _with_extremes(message, lowest, highest)


class Thinnings:
    """One for all clients that want the same rate, while there are any."""

    def __init__(self) -> None:
        self._shared: dict[float, Thinning] = {}
        self._users: Counter[float] = Counter()
        self._lock = threading.Lock()

    @contextmanager
    def at(self, hz: float) -> Iterator[Thinning]:
        with self._lock:
            self._users[hz] += 1
            thinning = self._shared.setdefault(hz, Thinning(hz))
        try:
            yield thinning
        finally:
            with self._lock:
                self._users[hz] -= 1
                if not self._users[hz]:
                    del self._users[hz], self._shared[hz]


def alone(message: Message) -> Message:
    """A reading that is sent by itself: its own numbers are the extremes."""
    numbers = _numbers(message.body)
    return _with_extremes(message, numbers, numbers)


def _with_extremes(message: Message, lowest: Any, highest: Any) -> Message:  # noqa: ANN401 - JSON
    return Message(message.seq, {**message.body, "min": lowest, "max": highest})


def _numbers(part: Any) -> Any:  # noqa: ANN401 - JSON
    """The part of a reading without what is no number; None stays."""
    if isinstance(part, dict):
        kept = {name: value for name, value in part.items() if name not in WITHOUT_NUMBERS}
        return {name: _numbers(value) for name, value in kept.items() if not isinstance(value, str | bool)}
    return [_numbers(value) for value in part] if isinstance(part, list) else part


def _fold(pick: Callable[[Any, Any], Any], one: Any, other: Any) -> Any:  # noqa: ANN401 - JSON
    """Two parts of the same shape as one, each number picked of two; what one of them lacks is the other's."""
    if one is None or other is None:
        return one if other is None else other
    if isinstance(one, dict):
        return {name: _fold(pick, one.get(name), other.get(name)) for name in {**one, **other}}
    if isinstance(one, list):
        return [_fold(pick, *pair) for pair in zip_longest(one, other)]
    return pick(one, other)
