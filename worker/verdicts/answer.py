"""Verdicts on the answer: whether it is what was requested."""

from collections.abc import Sequence

from common.catalogue.test_type import Point
from common.catalogue.verdicts import on_runs, on_tests
from common.errors import OllamaError
from worker.ollama.responses import Generation
from worker.verdicts import Verdict
from worker.verdicts.expected import Expected

PROMPT_TOLERANCE = 0.02
"""The tolerance of the calibration of prompts."""
MS_PER_S = 1000
CACHED_TOKENS = 4
"""Tokens of any prompt that may be cached: the start token, and those that nonces have in common by chance."""


def evaluate(generation: Generation, expected: Expected) -> list[Verdict]:
    """Return what is wrong with the answer, compared with what was expected."""
    found = (
        _output(generation, expected.output_tokens),
        _prompt(generation, expected.prompt_tokens),
        None if expected.cached else _cache(generation),
        _fields(generation),
    )
    return [verdict for verdict in found if verdict]


def points_left_out(points: Sequence[Point], context_length: int) -> Verdict:
    return Verdict.of(on_tests.POINTS_LEFT_OUT, {"points": list(points), "contextLength": context_length})


def never_idle(model: str, waited_s: float) -> Verdict:
    return Verdict.of(on_tests.NEVER_IDLE, {"model": model, "waited": waited_s * MS_PER_S})


def failed(error: OllamaError) -> Verdict:
    return Verdict.of(on_runs.REQUEST_FAILED, {"error": str(error)})


def requests_left_out(reasons: Sequence[str], requests: int) -> Verdict:
    """Flag a run in which some requests did not count. `reasons` has the name of a verdict for each."""
    evidence = {"leftOut": len(reasons), "requests": requests, "reasons": ", ".join(sorted(set(reasons)))}
    return Verdict.of(on_runs.REQUESTS_LEFT_OUT, evidence)


def embeddings(received: int, wanted: int) -> Verdict | None:
    if received == wanted:
        return None
    return Verdict.of(on_runs.EMBEDDINGS_MISSING, {"embeddings": received, "wanted": wanted})


def prompt_counts(generation: Generation, context_length: int) -> Verdict | None:
    """Flag a prompt with more tokens than the context has, or with fewer than were cached.

    Embeddings count the tokens of several inputs together, and generate none.
    """
    server = generation.server
    counted, cached = server.prompt_tokens, server.cached_tokens
    if counted is None or server.output_tokens is None or (cached or 0) <= counted <= context_length:
        return None
    evidence = {"promptTokens": counted, "cachedTokens": cached, "contextLength": context_length}
    return Verdict.of(on_runs.PROMPT_COUNTS, evidence)


def no_answer(generation: Generation) -> Verdict:
    evidence = {"outputTokens": generation.server.output_tokens, "doneReason": generation.done_reason or None}
    return Verdict.of(on_runs.NO_ANSWER, evidence)


def _output(generation: Generation, wanted: int | None) -> Verdict | None:
    received = generation.server.output_tokens
    if wanted is None or (generation.done_reason == "length" and received == wanted):
        return None
    evidence = {"doneReason": generation.done_reason or None, "outputTokens": received, "wanted": wanted}
    declared = on_runs.OUTPUT_COUNT if generation.done_reason == "length" else on_runs.OUTPUT_LENGTH
    return Verdict.of(declared, evidence)


def _prompt(generation: Generation, wanted: int | None) -> Verdict | None:
    counted = generation.server.prompt_tokens
    if wanted is None or (counted is not None and abs(counted - wanted) <= max(1.0, PROMPT_TOLERANCE * wanted)):
        return None
    return Verdict.of(on_runs.PROMPT_LENGTH, {"promptTokens": counted, "wanted": wanted})


def _cache(generation: Generation) -> Verdict | None:
    cached, prompt = generation.server.cached_tokens or 0, generation.server.prompt_tokens or 0
    if cached <= CACHED_TOKENS:
        return None
    return Verdict.of(on_runs.PROMPT_CACHED, {"cachedTokens": cached, "promptTokens": prompt})


def _fields(generation: Generation) -> Verdict | None:
    wrong = generation.server.wrong
    return Verdict.of(on_runs.FIELDS_INVALID, {"fields": ", ".join(wrong)}) if wrong else None
