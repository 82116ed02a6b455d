"""Is a run what it claims to be? Verdicts on runs and on tests, each with its evidence and advice."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from common.ollama import LoadedModel
from worker.ollama import Generation

PROMPT_TOLERANCE = 0.02
CACHED_TOLERANCE = 0.05
JUMP_NS = 5_000_000
HEAD_START_NS = 1_000_000
"""The server's clock starts at a request's head, the client's when its last byte has left."""
SETTLED = 0.02


class Severity(StrEnum):
    REJECTS = "rejects"  # the run does not count and is drawn again
    FLAGS = "flags"  # the run counts, and its reader is told


@dataclass(frozen=True)
class Verdict:
    """`evidence` holds the numbers that led to it, in the units of the API."""

    name: str
    severity: Severity
    evidence: Mapping[str, Any]
    advice: str

    def describe(self) -> dict[str, Any]:
        return asdict(self)

    def __str__(self) -> str:
        numbers = ", ".join(f"{name} {value}" for name, value in self.evidence.items())
        return f"{self.name} ({numbers}): {self.advice}"


def judge_run(generation: Generation, prompt_tokens: int, output_tokens: int) -> list[Verdict]:
    """What is wrong with one run of a request for so many prompt and output tokens."""
    found = (
        _output(generation, output_tokens),
        _prompt(generation, prompt_tokens),
        _cache(generation),
        _clocks(generation),
        _jump(generation),
    )
    return [verdict for verdict in found if verdict]


def _output(generation: Generation, wanted: int) -> Verdict | None:
    got = generation.server.output_tokens
    if generation.done_reason == "length" and got == wanted:
        return None
    evidence = {"doneReason": generation.done_reason or None, "outputTokens": got, "wanted": wanted}
    return Verdict("output-length", Severity.REJECTS, evidence, "the model ended early; another prompt is tried")


def _prompt(generation: Generation, wanted: int) -> Verdict | None:
    got = generation.server.prompt_tokens
    if abs(got - wanted) <= max(1.0, PROMPT_TOLERANCE * wanted):
        return None
    evidence = {"promptTokens": got, "wanted": wanted}
    advice = "the prompt was cut or came from the cache; raise contextLength if it stays so"
    return Verdict("prompt-length", Severity.REJECTS, evidence, advice)


def _cache(generation: Generation) -> Verdict | None:
    cached, prompt = generation.server.cached_tokens or 0, generation.server.prompt_tokens
    if cached <= max(1.0, CACHED_TOLERANCE * prompt):
        return None
    evidence = {"cachedTokens": cached, "promptTokens": prompt}
    return Verdict("prompt-cached", Severity.REJECTS, evidence, "part of the prompt was known; another one is tried")


def _clocks(generation: Generation) -> Verdict | None:
    """The client sees the server's whole work, so it cannot have taken less time than the server says."""
    if generation.done_ns + HEAD_START_NS >= generation.server.total_ns:
        return None
    evidence = {"client": generation.done_ns / 1e6, "server": generation.server.total_ns / 1e6}
    return Verdict("clocks-disagree", Severity.FLAGS, evidence, "the server claims more time than passed here")


def _jump(generation: Generation) -> Verdict | None:
    """The stamps are on a clock that can be set; a run during which it was set tells nothing."""
    if abs(generation.jump_ns) <= JUMP_NS:
        return None
    evidence = {"jump": generation.jump_ns / 1e6}
    return Verdict("clock-jumped", Severity.REJECTS, evidence, "the system's time was set during the run")


def partly_on_cpu(loaded: LoadedModel) -> Verdict | None:
    if not 0 < loaded.size_vram < loaded.size:
        return None
    evidence = {"size": loaded.size, "sizeVram": loaded.size_vram}
    advice = "the model does not fit the GPU; a smaller quantisation or context would run faster"
    return Verdict("partly-on-cpu", Severity.FLAGS, evidence, advice)


def unsettled(half_width: float | None, runs: int) -> Verdict | None:
    """The interval of the headline metric is still wider than wanted after the last repetition."""
    if half_width is not None and half_width <= SETTLED:
        return None
    evidence = {"halfWidth": half_width and round(half_width, 4), "wanted": SETTLED, "runs": runs}
    return Verdict("unsettled", Severity.FLAGS, evidence, "quiet the machine or raise maxRepetitions to know it better")


def unstable_warm_up(last: float, before: float) -> Verdict:
    evidence = {"last": round(last, 3), "before": round(before, 3)}
    return Verdict("unstable-warm-up", Severity.FLAGS, evidence, "the machine had not settled when measuring began")


def some_rejected(rejected: int, counted: int) -> Verdict | None:
    if not rejected:
        return None
    evidence = {"rejected": rejected, "counted": counted}
    return Verdict("runs-rejected", Severity.FLAGS, evidence, "the log says why each was drawn again")


def no_readings() -> Verdict:
    return Verdict("no-readings", Severity.FLAGS, {"readings": 0}, "start the sampler on the machine under test")
