"""What a scheduler does again and again."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Duty:
    """Work that is looked for every `every_s` seconds. `run` does what is due then.

    Each duty has a thread of its own, so a slow one delays no other. `run` is called in the application's context, and
    takes connections to the database from its pool. Another scheduler may do the same at the same moment, and this one
    may be killed at any line, so `run` claims what it does in the database.
    """

    name: str
    every_s: float
    run: Callable[[], None]
