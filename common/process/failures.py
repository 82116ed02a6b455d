"""Descriptions of exceptions that quote no data, for messages and logs.

The message of an exception may hold anything: the parameters of a query, a prompt, an answer. So exceptions are
described by their type and place. Only messages that are known to quote nothing are kept.
"""

import traceback
from collections.abc import Iterator
from pathlib import Path

from common import ROOT
from common.errors import GaitError
from common.values.escaped import escaped

UNAVAILABLE = {"OperationalError", "InterfaceError"}
"""Errors of a database that is locked, full or away, by their names in Python's DB-API (PEP 249)."""


def describe(error: BaseException) -> str:
    """Return the error and where in Gait it was raised: `ValueError in worker/jobs.py, line 12`."""
    return str(error) if isinstance(error, GaitError) else f"{headline(error)}{_place(error)}"


def with_cause(error: GaitError) -> str:
    """Return the error's sentence with the headline of the error that it was made of, for logs."""
    return f"{error} ({headline(error.__cause__)})" if error.__cause__ else str(error)


def headline(error: BaseException) -> str:
    """Return the error's type, with its message if that quotes no data."""
    reason = _reason(error)
    return f"{type(error).__name__}: {escaped(reason)}" if reason else type(error).__name__


def trace(error: BaseException) -> str:
    """Return the stack traces of the error and its causes, with their types and no other data."""
    parts = [
        f"Traceback (most recent call last):\n{''.join(traceback.format_tb(each.__traceback__))}{headline(each)}"
        for each in causes(error)
    ]
    return "\n\nthen:\n\n".join(reversed(parts))


def _reason(error: BaseException) -> str:
    names = {kind.__name__ for kind in type(error).__mro__}
    if isinstance(error, GaitError):
        return str(error)
    if names & UNAVAILABLE:
        return _first_line(error)
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    if type(error).__module__.startswith("redis."):
        code = _first_line(error).partition(" ")[0]  # the rest may quote the command with its arguments
        return code if code.isupper() else _first_line(error)
    wrapped = getattr(error, "orig", None)  # Peewee wraps the error of the driver
    return type(wrapped).__name__ if wrapped else ""


def _first_line(error: BaseException) -> str:
    return str(error).partition("\n")[0]


def _place(error: BaseException) -> str:
    """Return the last line of Gait's own that the error passed."""
    own = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).is_relative_to(ROOT)]
    known = [frame for frame in own if "site-packages" not in frame.filename]
    return f" in {Path(known[-1].filename).relative_to(ROOT)}, line {known[-1].lineno}" if known else ""


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield the error and what caused it, each once."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
