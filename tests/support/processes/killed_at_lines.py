"""Processes that are killed at a chosen line of chosen code."""

import os
import signal
from collections import Counter
from collections.abc import Callable
from types import CodeType, FrameType
from typing import Any

from common.store.connections.pool import Pool
from common.store.database import database

Trace = Callable[[FrameType, str, Any], Any]

MAX_TIMES = 2
"""How often a line counts that is passed again and again."""


def disconnect() -> None:
    """Close what this thread and the pool, where there is one, hold open."""
    database.close()
    if isinstance(database.obj, Pool):
        database.obj.close_all()


def dying_after(lines: int, is_watched: Callable[[CodeType], bool]) -> Trace:
    """Return a trace that kills this process when it has gone through this many lines of the watched code."""
    seen, left = Counter[tuple[str, int]](), lines

    def at_line(frame: FrameType, event: str, _value: object) -> Trace:
        nonlocal left
        if event == "line":
            line = (frame.f_code.co_filename, frame.f_lineno)
            seen[line] += 1
            left -= seen[line] <= MAX_TIMES
            if not left:
                os.kill(os.getpid(), signal.SIGKILL)
        return at_line

    return lambda frame, _event, _value: at_line if is_watched(frame.f_code) else None
