"""What the answer to a request should hold."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Expected:
    """What the answer to a request should hold; None is whatever comes.

    `cached` is whether part of the prompt may be known to the server, `warm` whether the model was to be in memory;
    None is either way.
    """

    prompt_tokens: int | None
    output_tokens: int | None
    cached: bool = False
    warm: bool | None = True
