"""A thread for calls that may never return: to a driver that hangs, or to a file system whose server is away."""

from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from threading import Thread
from typing import Any, TypeVar

T = TypeVar("T")

LIMIT_S = 1.5
"""A driver that wakes its GPU takes up to a second. A gap of two seconds between readings is flagged."""


class NoAnswerError(Exception):
    """A call that has not returned yet."""


class OwnThread:
    """A thread that makes calls one by one. `name` is what they ask, for the reason of an unknown value."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._calls: SimpleQueue[tuple[Callable[[], Any], Future[Any]]] = SimpleQueue()
        self._last: Future[Any] | None = None

    def call(self, function: Callable[[], T], limit_s: float | None = None) -> T:
        """Return the function's result, or raise its error.

        Raises:
            NoAnswerError: if it takes longer than `limit_s` (default: LIMIT_S), and at once as long as that call has
                not returned.
        """
        if self._last is None:
            Thread(target=self._work, name=self._name, daemon=True).start()
        elif not self._last.done():
            raise NoAnswerError(f"{self._name} does not answer")
        self._last = result = Future[T]()
        self._calls.put((function, result))
        try:
            return result.result(LIMIT_S if limit_s is None else limit_s)
        except TimeoutError:
            if result.done():
                raise
            raise NoAnswerError(f"{self._name} does not answer") from None

    def _work(self) -> None:
        while True:
            function, result = self._calls.get()
            try:
                result.set_result(function())
            except BaseException as error:  # noqa: BLE001 - the caller gets it
                result.set_exception(error)
