"""Fewer readings per second without losing spikes: each message has the extremes since the previous one."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import zip_longest
from typing import Any

from api.live.websocket.hub import Message

WITHOUT_NUMBERS = {"host", "seq", "at", "throttle", "busiest"}
"""Fields without numbers, and lists whose entries change places between readings."""

SECOND_MS = 1000


class Downsampler:
    """At most `hz` messages per second for each host. A message's extremes cover the readings before it."""

    def __init__(self, hz: float) -> None:
        self._period = SECOND_MS / hz
        self._next: dict[str, float] = {}
        self._extremes: dict[str, tuple[Any, Any]] = {}
        self._added: Message | None = None
        self._sent: Message | None = None

    def add(self, message: Message) -> Message | None:
        """Return the reading with `min` and `max` if it is time to send it, else None.

        Clients that add the same message, one after the other, get the same result.
        """
        if message is not self._added:
            self._added, self._sent = message, self._downsampled(message)
        return self._sent

    def _downsampled(self, message: Message) -> Message | None:
        host, numbers = message.body["host"], _numbers(message.body)
        lowest, highest = self._extremes.get(host, (None, None))
        lowest, highest = _fold(min, lowest, numbers), _fold(max, highest, numbers)
        self._extremes[host] = lowest, highest
        expected = self._next.get(host, 0)
        if message.seq < expected:
            return None
        # The period counts from the expected time, so that a reading that is slightly late costs no message.
        following = expected + self._period
        self._next[host] = following if following > message.seq else message.seq + self._period
        del self._extremes[host]
        return _with_extremes(message, lowest, highest)


class Downsamplers:
    """The downsamplers by rate, each shared by all clients of that rate and removed with the last one."""

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


def with_own_extremes(message: Message) -> Message:
    """Return a reading with its own numbers as the extremes."""
    numbers = _numbers(message.body)
    return _with_extremes(message, numbers, numbers)


def _with_extremes(message: Message, lowest: Any, highest: Any) -> Message:  # noqa: ANN401 - JSON
    return Message(message.seq, {**message.body, "min": lowest, "max": highest})


def _numbers(part: Any) -> Any:  # noqa: ANN401 - JSON
    """Return the numbers in a part of a reading, with None for unknown ones."""
    if isinstance(part, dict):
        numeric = {name: value for name, value in part.items() if name not in WITHOUT_NUMBERS}
        return {name: _numbers(value) for name, value in numeric.items() if not isinstance(value, str | bool)}
    return [_numbers(value) for value in part] if isinstance(part, list) else part


def _fold(pick: Callable[[Any, Any], Any], one: Any, other: Any) -> Any:  # noqa: ANN401 - JSON
    """Combine two parts of the same shape by picking one of each pair of numbers. A part may lack some numbers."""
    if one is None or other is None:
        return one if other is None else other
    if isinstance(one, dict):
        return {name: _fold(pick, one.get(name), other.get(name)) for name in {**one, **other}}
    if isinstance(one, list):
        return [_fold(pick, *pair) for pair in zip_longest(one, other)]
    return pick(one, other)
