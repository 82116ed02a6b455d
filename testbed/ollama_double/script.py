"""The timing of the double, the scripts of its answers, and the record of its requests."""

import json
from dataclasses import dataclass, field
from typing import Any, Literal

Json = dict[str, Any]

GARBAGE = b"<html>this is not a line of Ollama</html>\n"
TOKENS = b'{"response":" w","done":false}\n' * 2000
GIGABYTE = 1 << 30
FLOODS = {
    "endless": b"10000\r\n" + b"x" * 65_536 + b"\r\n",
    "tokens": b"%x\r\n%s\r\n" % (len(TOKENS), TOKENS),
    "specks": b"1\r\nx\r\n" * 10_000,
}
"""Pieces of an answer without end, by the kind of fault."""


@dataclass(frozen=True)
class Timing:
    """The double's timing in milliseconds.

    The first token takes `first` after the model is loaded and a slot is free. It takes `read` more for each token of
    the prompt that is not cached from an earlier prompt. Each further token takes `each`.
    """

    load: float = 5
    first: float = 2
    read: float = 0
    each: float = 0.2
    unload: float = 5


@dataclass(frozen=True)
class Script:
    """How one request is answered: normally, if nothing is set.

    A `status` other than 200 is the whole answer. Otherwise `then` happens after `at` tokens, before the first byte if
    `at` is None, or in place of an answer that is not a stream:

    - `end`: the stream ends without its last line.
    - `cut`: the connection is closed.
    - `hang`: nothing more is sent until `release`.
    - `trickle`: blanks are sent one by one until then.
    - `endless`, `tokens`, `specks`: a line, tokens, or one-byte pieces are sent without end.
    - `gigabyte`: a piece of a gigabyte is begun.
    - bytes are inserted.

    `last` changes fields of the last line. None removes a field. `words` is the template of each word, by its number.
    """

    status: int = 200
    error: str = "something broke"
    at: int | None = 0
    then: Literal["end", "cut", "hang", "trickle", "endless", "tokens", "specks", "gigabyte"] | bytes = b""
    last: Json = field(default_factory=dict)
    words: str = " w{}"
    content_type: str | None = None  # the usual one


@dataclass
class RecordedRequest:
    """A request to generate or embed, with times in nanoseconds of the monotonic clock.

    `done` is true if it was answered to the end of its script. It stays false if the client left.
    """

    model: str
    prompt: str
    options: Json
    warm: bool
    started_ns: int
    think: bool = False
    ended_ns: int | None = None
    done: bool = False


def error_line(message: str) -> bytes:
    """Return what a server sends if it fails after its answer has begun with status 200."""
    return json.dumps({"error": message}).encode() + b"\n"
