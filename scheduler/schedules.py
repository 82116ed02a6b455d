"""The sessions of schedules, at their times."""

import time

from api.submission.schedules.firing import correct_times, fire_next
from common.values.units import now
from scheduler.duty import Duty

MAX_SLEW_S = 2.0
"""A clock that gains or loses more between two looks has jumped. Being corrected slowly, it gains less."""


class Schedules:
    """Submits what is due. It computes the next times again at its start, and when the clock has jumped."""

    def __init__(self) -> None:
        self._ahead_s: float | None = None

    def run(self) -> None:
        if self._has_jumped():
            correct_times(now())
        while fire_next(now()):
            pass

    def _has_jumped(self) -> bool:
        ahead_s = time.time() - time.monotonic()
        jumped = self._ahead_s is None or abs(ahead_s - self._ahead_s) > MAX_SLEW_S
        self._ahead_s = ahead_s
        return jumped


DUTY = Duty("schedules", 1.0, Schedules().run)
