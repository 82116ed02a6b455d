"""The outcome of an attempt to send an event."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Outcome:
    """`problem` says why the attempt failed, and holds no secret. None: it did not. `status` is that of the answer."""

    problem: str | None = None
    status: int | None = None
