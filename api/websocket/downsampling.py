"""Send fewer readings a second without losing a spike: each message has the extremes since the previous one."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import zip_longest
from typing import Any

from api.websocket.hub import Message

WITHOUT_NUMBERS = {"host", "seq", "at", "throttle", "busiest"}
"""Names, and lists whose entries change places from reading to reading."""

SECOND_MS = 1000


class Downsampler:
    """At most `hz` messages a second for each host. The extremes of a message cover the readings before it."""

    def __init__(self, hz: float) -> None:
        self._period = SECOND_MS / hz
        self._due: dict[str, float] = {}
        self._extremes: dict[str, tuple[Any, Any]] = {}
        self._added: Message | None = None
        self._sent: Message | None = None

    def add(self, message: Message) -> Message | None:
        """Return the message to send now, the reading with `min` and `max`, or None if none is due.

        Clients that add the same message, one after the other, get the same one back.
        """
        if message is not self._added:
            self._added, self._sent = message, self._downsampled(message)
        return self._sent

    def _downsampled(self, message: Message) -> Message | None:
        host, numbers = message.body["host"], _numbers(message.body)
        lowest, highest = self._extremes.get(host, (None, None))
        lowest, highest = _fold(min, lowest, numbers), _fold(max, highest, numbers)
        self._extremes[host] = lowest, highest
        due = self._due.get(host, 0)
        if message.seq < due:
            return None
        # The period counts from the due time, so that readings that come a little late cost no message.
        self._due[host] = due + self._period if due + self._period > message.seq else message.seq + self._period
        del self._extremes[host]
        return _with_extremes(message, lowest, highest)


class Downsamplers:
    """One downsampler for all clients of the same rate, as long as there are any."""

    def __init__(self) -> None:
        self._shared: dict[float, Downsampler] = {}
        self._users: Counter[float] = Counter()
        self._lock = threading.Lock()

    @contextmanager
    def at(self, hz: float) -> Iterator[Downsampler]:
        with self._lock:
            self._users[hz] += 1
            downsampler = self._shared.setdefault(hz, Downsampler(hz))
        try:
            yield downsampler
        finally:
            with self._lock:
                self._users[hz] -= 1
                if not self._users[hz]:
                    del self._users[hz], self._shared[hz]


def alone(message: Message) -> Message:
    """Return a reading that is sent on its own, with its own numbers as the extremes."""
    numbers = _numbers(message.body)
    return _with_extremes(message, numbers, numbers)


def _with_extremes(message: Message, lowest: Any, highest: Any) -> Message:  # noqa: ANN401 - JSON
    return Message(message.seq, {**message.body, "min": lowest, "max": highest})


def _numbers(part: Any) -> Any:  # noqa: ANN401 - JSON
    """Return the numbers in a part of a reading. None stays: a number that is unknown."""
    if isinstance(part, dict):
        kept = {name: value for name, value in part.items() if name not in WITHOUT_NUMBERS}
        return {name: _numbers(value) for name, value in kept.items() if not isinstance(value, str | bool)}
    return [_numbers(value) for value in part] if isinstance(part, list) else part


def _fold(pick: Callable[[Any, Any], Any], one: Any, other: Any) -> Any:  # noqa: ANN401 - JSON
    """Join two parts of the same shape, and pick one of each pair of numbers. A part may lack numbers of the other."""
    if one is None or other is None:
        return one if other is None else other
    if isinstance(one, dict):
        return {name: _fold(pick, one.get(name), other.get(name)) for name in {**one, **other}}
    if isinstance(one, list):
        return [_fold(pick, *pair) for pair in zip_longest(one, other)]
    return pick(one, other)
