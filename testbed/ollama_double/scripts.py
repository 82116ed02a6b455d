"""Timing of answers, and scripts of faults."""

import json
from dataclasses import dataclass, field
from typing import Any, Literal

GARBAGE = b"<html>this is not a line of Ollama</html>\n"


@dataclass(frozen=True)
class Timing:
    """Times in milliseconds.

    The first token comes `first` after the model is loaded and a slot is free, and `read` later for each token of the
    prompt that no earlier prompt began with. Each further token comes `each` after the one before.
    """

    load: float = 5
    first: float = 2
    read: float = 0
    each: float = 0.2
    unload: float = 5


@dataclass(frozen=True)
class Script:
    """Instructions for the answer to one request. Without arguments it is answered normally.

    A `status` other than 200 is the whole answer. Otherwise `then` happens after `at` tokens, or instead of
    an answer that is not a stream. If `at` is None, it happens before the first byte. `then` is one of:

    - `end`: the stream ends without its last line;
    - `cut`: the connection is cut;
    - `hang`: nothing more comes until `release`;
    - `trickle`: blanks come one by one until `release`;
    - `endless`: a line grows without end;
    - `tokens`, `specks`: tokens, or chunks of one byte, come without end;
    - `gigabyte`: a chunk of a gigabyte begins;
    - bytes: these come in between.

    `last` changes fields of the last line. None removes one. `words` is the text of each word, from its number.
    """

    status: int = 200
    error: str = "something broke"
    at: int | None = 0
    then: Literal["end", "cut", "hang", "trickle", "endless", "tokens", "specks", "gigabyte"] | bytes = b""
    last: dict[str, Any] = field(default_factory=dict)
    words: str = " w{}"
    content_type: str | None = None
    """None stands for the content type of a real server."""


def error_line(message: str) -> bytes:
    """Return what a server sends when it fails after its answer has begun under status 200."""
    return json.dumps({"error": message}).encode() + b"\n"
