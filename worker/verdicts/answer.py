"""Is the answer what was asked for?"""

from collections.abc import Sequence

from common.catalogue.test_type import Point
from common.errors import OllamaError
from worker.ollama.responses import Generation
from worker.verdicts import Severity, Verdict
from worker.verdicts.expected import Expected

PROMPT_TOLERANCE = 0.02
"""As prompts are calibrated."""
CACHED_TOLERANCE = 0.05
"""The start token, and what tokens the nonces may share by chance, are known of any prompt."""


def judge(generation: Generation, expected: Expected) -> list[Verdict]:
    """What is wrong with the answer, against what was expected of it."""
    found = (
        _output(generation, expected.output_tokens),
        _prompt(generation, expected.prompt_tokens),
        None if expected.cached else _cache(generation),
    )
    return [verdict for verdict in found if verdict]


def points_left_out(points: Sequence[Point], context_length: int) -> Verdict:
    evidence = {"points": list(points), "contextLength": context_length}
    return Verdict("points-left-out", Severity.FLAGS, evidence, "the model's context does not hold them; nothing to do")


def failed(error: OllamaError) -> Verdict:
    evidence = {"error": str(error)}
    return Verdict("request-failed", Severity.REJECTS, evidence, "it is tried again; the server's log may say why")


def embeddings(got: int, wanted: int) -> Verdict | None:
    if got == wanted:
        return None
    evidence = {"embeddings": got, "wanted": wanted}
    return Verdict("embeddings-missing", Severity.REJECTS, evidence, "each input has one; update Ollama if it stays so")


def no_answer(generation: Generation) -> Verdict:
    evidence = {"outputTokens": generation.server.output_tokens, "doneReason": generation.done_reason or None}
    advice = "the model was still thinking when its tokens ran out; raise outputTokens"
    return Verdict("no-answer", Severity.FLAGS, evidence, advice)


def _output(generation: Generation, wanted: int | None) -> Verdict | None:
    got = generation.server.output_tokens
    if wanted is None or (generation.done_reason == "length" and got == wanted):
        return None
    evidence = {"doneReason": generation.done_reason or None, "outputTokens": got, "wanted": wanted}
    return Verdict("output-length", Severity.REJECTS, evidence, "the model ended early; another prompt is tried")


def _prompt(generation: Generation, wanted: int | None) -> Verdict | None:
    got = generation.server.prompt_tokens
    if wanted is None or abs(got - wanted) <= max(1.0, PROMPT_TOLERANCE * wanted):
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
