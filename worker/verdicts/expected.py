"""Expectations of the answer to a request."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Expected:
    """Expectations of the answer to a request. None accepts anything.

    `cached` is True if the server may have part of the prompt in its cache. `warm` is True if the model should be in
    memory, False if it should not, and None if both are right.
    """

    prompt_tokens: int | None
    output_tokens: int | None
    cached: bool = False
    warm: bool | None = True
