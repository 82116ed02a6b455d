"""The phases of a request on the Redis server's clock: the model is loaded, it reads the prompt, it writes the answer.

By the client's stamps, but for the end of a load, which only the server tells. Waiting for a slot is in no field of the
server's but the total, and so is part of `prefill`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from common.records.machine import PhaseRecord
from worker.machine.clock_offset import Offset
from worker.machine.readings import Window, united
from worker.ollama.responses import Generation

LOAD, PREFILL, DECODE = "load", "prefill", "decode"
PHASES = (LOAD, PREFILL, DECODE)


@dataclass(frozen=True)
class Phase:
    """From `start` to `end`, in ms of Redis's clock."""

    phase: str
    start: float
    end: float

    def record(self) -> PhaseRecord:
        return {"phase": self.phase, "start": self.start, "end": self.end}


def of_answer(answer: Generation, clock: Offset, *, loads: bool) -> Iterator[Phase]:
    """Those that took time; none where nothing came, as nobody knows what was going on.

    `loads` is whether the server's load_duration is a load: a warm model's is the way to it, and part of `prefill`.
    An answer that comes at once, as that of an embedding, is `prefill` alone.
    """
    if not answer.content_ns:
        return
    first, last = answer.content_ns[0], answer.content_ns[-1]
    loaded = min(answer.server.load_ns, first) if loads else 0
    for phase, start, end in ((LOAD, 0, loaded), (PREFILL, loaded, first), (DECODE, first, last)):
        if start < end:
            yield Phase(phase, clock.at(answer.sent_ns + start), clock.at(answer.sent_ns + end))


def windows(phases: Iterable[Phase], *names: str) -> list[Window]:
    """The time of the phases of these names, of all requests together."""
    return united([(phase.start, phase.end) for phase in phases if phase.phase in names])


def loading(answers: Sequence[Generation], *, there: bool) -> list[bool]:
    """Of each answer whether its request found the model not in memory: the first one, and those sent before it was
    loaded. `there` is whether it was in memory before all of them.
    """
    if there or not answers:
        return [False] * len(answers)
    first = min(answers, key=lambda answer: answer.sent_ns)
    return [answer.sent_ns <= first.sent_ns + first.server.load_ns for answer in answers]
