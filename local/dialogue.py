"""Messages and questions of the local stack for the person at the terminal."""

from collections.abc import Callable
from typing import Protocol

Say = Callable[[str], None]
"""Shows a line."""


class Ask(Protocol):
    """Asks a question that yes or no answers."""

    def __call__(self, question: str, /, *, otherwise: bool) -> bool:
        """Return the answer, or `otherwise` if nobody is there to give one."""


def ask_nobody(_question: str, *, otherwise: bool) -> bool:
    return otherwise
