"""The loop of each duty: do what is due, pause, and again, whatever happens."""

import logging
import threading
import time
from collections.abc import Iterable

from flask import Flask

from common.errors import GaitError
from scheduler.duty import Duty

LOG_INTERVAL_S = 60
"""How often a duty that keeps failing is logged."""
STOP_TIMEOUT_S = 4
"""How long an end waits for what the duties are doing. honcho waits 5 s."""

logger = logging.getLogger(__name__)


class Loop:
    """Runs duties in threads until `stop`."""

    def __init__(self, app: Flask, duties: Iterable[Duty]) -> None:
        self._stopping = threading.Event()
        repeated = [_Repeated(app, duty, self._stopping) for duty in duties]
        self._threads = [threading.Thread(target=each.run, name=each.duty.name, daemon=True) for each in repeated]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End the pauses, and wait for the duties. One that takes longer is cut off, as by a kill."""
        self._stopping.set()
        until = time.monotonic() + STOP_TIMEOUT_S
        for thread in self._threads:
            thread.join(max(0, until - time.monotonic()))


class _Repeated:
    """A duty that is done again and again. Its first failure is logged, one a minute after that, and its recovery."""

    def __init__(self, app: Flask, duty: Duty, stopping: threading.Event) -> None:
        self.duty = duty
        self._app = app
        self._stopping = stopping
        self._failed_at: float | None = None

    def run(self) -> None:
        while not self._stopping.is_set():
            self._attempt()
            self._stopping.wait(self.duty.every_s)

    def _attempt(self) -> None:
        try:
            with self._app.app_context():
                self.duty.run()
        except Exception as error:  # noqa: BLE001 - an error in one duty must end neither this one nor the others
            self._note_failure(error)
        else:
            self._note_success()

    def _note_failure(self, error: Exception) -> None:
        if self._failed_at is not None and time.monotonic() - self._failed_at < LOG_INTERVAL_S:
            return
        self._failed_at = time.monotonic()
        if isinstance(error, GaitError):
            logger.warning("%s failed, and is tried again: %s", self.duty.name, error)
        else:
            logger.error("%s failed, and is tried again", self.duty.name, exc_info=error)

    def _note_success(self) -> None:
        if self._failed_at is not None:
            logger.info("%s works again", self.duty.name)
        self._failed_at = None
