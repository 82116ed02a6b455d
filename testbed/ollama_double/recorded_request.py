"""A request as the double recorded it."""

from dataclasses import dataclass, field

from common.values.free_json import Json
from testbed.ollama_double.scripts import Script


@dataclass
class RecordedRequest:
    """A request to generate or embed, with the script of its answer. Times are nanoseconds of the monotonic clock.

    `done` is true if it was answered to the end of its script. It stays false if the client left.
    """

    model: str
    prompt: str
    options: Json
    warm: bool
    started_ns: int
    think: bool = False
    script: Script = field(default_factory=Script)
    ended_ns: int | None = None
    done: bool = False
