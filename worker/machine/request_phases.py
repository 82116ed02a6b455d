"""Phases of a request on the Redis server's clock: load the model, read the prompt, write the answer.

Phases are timed by the client's stamps, except the end of a load, which only the server reports. The server reports
no time for waiting for a slot, so that time is part of `prefill`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from common.records.machine import PhaseRecord
from worker.machine.clock_offset import Offset
from worker.machine.readings import Window, merge_windows
from worker.ollama.responses import Generation

LOAD, PREFILL, DECODE = "load", "prefill", "decode"
PHASES = (LOAD, PREFILL, DECODE)


@dataclass(frozen=True)
class RequestPhase:
    """A phase from `start` to `end`, in ms of Redis's clock."""

    phase: str
    start: float
    end: float

    def record(self) -> PhaseRecord:
        """Return the phase as it is stored."""
        return {"phase": self.phase, "start": self.start, "end": self.end}


def request_phases(answer: Generation, clock: Offset, *, loads: bool) -> Iterator[RequestPhase]:
    """Yield the phases that took time. An answer without content has none, because its phases are unknown.

    `loads` is true if the server's load_duration is a load. A warm model also reports some, which is part of `prefill`.
    An answer that arrives at once, such as an embedding's, is all `prefill`. If the end of a load is unknown, only
    `decode` is known.
    """
    if not answer.content_ns:
        return
    first, last = answer.content_ns[0], answer.content_ns[-1]
    load_ns = answer.server.load_ns if loads else 0
    loaded = None if load_ns is None else min(load_ns, first)
    for phase, start, end in ((LOAD, 0, loaded), (PREFILL, loaded, first), (DECODE, first, last)):
        if start is not None and end is not None and start < end:
            yield RequestPhase(phase, clock.at(answer.sent_ns + start), clock.at(answer.sent_ns + end))


def windows(phases: Iterable[RequestPhase], *names: str) -> list[Window]:
    """Return the time of the phases of these names, of all requests together."""
    return merge_windows([(phase.start, phase.end) for phase in phases if phase.phase in names])


def find_loads(answers: Sequence[Generation], *, is_loaded: bool) -> list[bool]:
    """Return for each answer whether its request found the model not in memory.

    This holds for the first request, and for those sent before the model was loaded. `is_loaded` is true if the model
    was in memory before all of them.
    """
    if is_loaded or not answers:
        return [False] * len(answers)
    first = min(answers, key=lambda answer: answer.sent_ns)
    return [answer.sent_ns <= first.sent_ns + (first.server.load_ns or 0) for answer in answers]
