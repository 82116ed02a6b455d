"""Faults of a server at each kind of request, with the resulting error and the advice in its message.

The bounds on the memory that a fault can use are tested in test_memory_bounds.py.
"""

from dataclasses import dataclass, field, replace

from common.errors import (
    GaitError,
    OllamaHTTPError,
    OllamaProtocolError,
    OllamaTimeout,
    OllamaUnreachable,
)
from testbed.ollama_double import GARBAGE, Script, error_line

LIMIT_S = 0.3


@dataclass(frozen=True)
class Fault:
    """A fault of a server, the resulting error, and a pattern of its message.

    `retried` is true if the error may pass. `limits` are the fields of TimeLimits that the fault exceeds.
    """

    script: Script
    error: type[GaitError]
    says: str
    retried: bool = True
    limits: dict[str, float] = field(default_factory=dict)


SILENT = {"first_byte_s": LIMIT_S}
HUNG = {"silence_s": LIMIT_S}
TRICKLES = {"total_s": LIMIT_S}
MISSING = "model 'tiny:latest' not found"

BEFORE = {
    "reset": Fault(Script(at=None, then="cut"), OllamaUnreachable, "closed the connection before it answered. It may"),
    "hang": Fault(
        Script(at=None, then="hang"),
        OllamaTimeout,
        "sent nothing for 0.3 s .* see its log. If it is only slow, raise FIRST_BYTE_TIMEOUT",
        limits=SILENT,
    ),
    "trickling head": Fault(
        Script(at=None, then="trickle"),
        OllamaTimeout,
        "did not finish its answer within 0.3 s .* raise REQUEST_TIMEOUT",
        retried=False,
        limits=TRICKLES,
    ),
    "no http": Fault(Script(at=None, then=GARBAGE), OllamaProtocolError, "did not answer in HTTP. Check that it is"),
    "404": Fault(Script(404, MISSING), OllamaHTTPError, rf"{MISSING}\. Pull the model on that host", retried=False),
    "500": Fault(Script(500, "runner died"), OllamaHTTPError, r"answered 500: runner died\. Its log has"),
    "503": Fault(Script(503, "server busy"), OllamaHTTPError, r"503: server busy\. It is overloaded"),
    "empty": Fault(Script(then="end"), OllamaProtocolError, "The answer is empty. See the server's log"),
    "html": Fault(
        Script(then=GARBAGE, content_type="text/html"),
        OllamaProtocolError,
        r"is not an Ollama: content type text/html\. Check the URL and any proxy",
    ),
}
"""Faults instead of an answer, or at its first byte."""
WITHIN = {
    "hang within": Fault(
        Script(then="hang"),
        OllamaTimeout,
        "sent nothing for 0.3 s within an answer.* see its log. If it is only slow, raise SILENCE_TIMEOUT",
        limits=HUNG,
    ),
    "trickle": replace(BEFORE["trickling head"], script=Script(then="trickle")),
    "cut": Fault(Script(then="cut"), OllamaProtocolError, "cut its response short. It or its runner may have"),
    "malformed line": Fault(
        Script(then=GARBAGE),
        OllamaProtocolError,
        r"sent an unexpected response: .* begins with '<' is not valid JSON. Check the URL",
    ),
    "deep line": Fault(
        Script(then=b"[" * 50_000 + b"\n"), OllamaProtocolError, r".* is nested too deeply. Check the URL"
    ),
    "error line": Fault(
        Script(then=error_line("out of memory")), OllamaProtocolError, "ended the stream with: out of memory. Its log"
    ),
    "endless line": Fault(
        Script(then="endless"), OllamaProtocolError, r"a line is longer than 4194304 bytes. Check the URL"
    ),
    "endless stream": Fault(
        Script(then="tokens"), OllamaProtocolError, r"the answer is longer than 67108864 bytes. Check the URL"
    ),
    "gigabyte": Fault(
        Script(then="gigabyte"), OllamaProtocolError, r"a line is longer than 4194304 bytes. Check the URL"
    ),
}
"""Faults in a stream. An answer that is not a stream has messages of its own below."""

TOO_LONG = "the answer is longer than 67108864 bytes"
EMBEDDING_SAYS = {"error line": "ended the stream with: out of memory", "endless line": TOO_LONG, "gigabyte": TOO_LONG}
ASKED = {
    "hang": replace(BEFORE["hang"], error=OllamaUnreachable, says="did not answer in time. Check that it is running"),
    "html": BEFORE["html"],
    "empty": replace(BEFORE["empty"], says=r"sent an unexpected response: .* Check the URL"),
    "malformed": replace(WITHIN["malformed line"], says=".* begins with '<' is not valid JSON. Check the URL"),
    "deep": WITHIN["deep line"],
    "cut within": WITHIN["cut"],
    "endless": replace(WITHIN["endless line"], says=r"it is longer than 8388608 bytes. Check the URL"),
    "gigabyte": replace(WITHIN["gigabyte"], says=r"it is longer than 8388608 bytes. Check the URL"),
    **{
        name: replace(
            BEFORE["hang"], script=Script(at=at, then="trickle"), error=OllamaUnreachable, says="in time. Check"
        )
        for name, at in (("trickling head", None), ("trickle", 0))
    },
}


def at_token(faults: dict[str, Fault], at: int) -> dict[str, Fault]:
    """Return the same faults, each after `at` tokens."""
    return {name: replace(fault, script=replace(fault.script, at=at)) for name, fault in faults.items()}


REQUESTS: dict[str, dict[str, Fault]] = {
    "/api/show": BEFORE | ASKED,
    "/api/tags": BEFORE | ASKED,
    "/api/ps": BEFORE | ASKED,
    "before the first token": BEFORE | at_token(WITHIN, 0),
    "after the first token": at_token(WITHIN, 5),
    "embedding": {
        name: replace(fault, says=EMBEDDING_SAYS.get(name, fault.says))
        for name, fault in (BEFORE | WITHIN).items()
        if name != "endless stream"  # an embedding is not a stream
    },
}
"""Faults by the kind of request."""
