"""Is the answer what was asked for?"""

from common.errors import OllamaError
from worker.ollama import Generation
from worker.verdicts import Severity, Verdict

PROMPT_TOLERANCE = 0.02
"""As prompts are calibrated."""
CACHED_TOLERANCE = 0.05
"""The start token, and what tokens the nonces may share by chance, are known of any prompt."""


def judge(generation: Generation, prompt_tokens: int, output_tokens: int) -> list[Verdict]:
    """What is wrong with the answer to a request for so many prompt and output tokens."""
    found = (_output(generation, output_tokens), _prompt(generation, prompt_tokens), _cache(generation))
    return [verdict for verdict in found if verdict]


def failed(error: OllamaError) -> Verdict:
    evidence = {"error": str(error)}
    return Verdict("request-failed", Severity.REJECTS, evidence, "it is tried again; the server's log may say why")


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
