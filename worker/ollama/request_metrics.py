"""The metrics of one run, by the names and formulas of common/catalogue/metrics.py. Unknown metrics are None."""

from common.units import NS_PER_MS, NS_PER_S
from worker.ollama.responses import Generation, ServerReport

RATE_FROM_TOKENS = 16
"""Below, a rate says more of the clock than of the model: one token reads as a million a second."""

Figures = dict[str, float | None]


def figures(generation: Generation, late_ns: int = 0) -> Figures:
    """Of a request that was sent `late_ns` after it was meant to be: what its user waits begins then."""
    content, server = generation.content_ns, generation.server
    first, last = (content[0], content[-1]) if content else (None, None)
    return {
        "inferenceTime": _ms(last, late_ns),
        "timeToFirstToken": _ms(first, late_ns),
        "interChunkLatency": (content[-1] - content[0]) / (len(content) - 1) / NS_PER_MS if len(content) > 1 else None,
        "decodeTokensPerSecond": _decode_rate(server.output_tokens, server.output_ns),
        "clientTokensPerSecond": _decode_rate(server.output_tokens, content[-1] - content[0] if content else 0),
        "promptTokensPerSecond": _prompt_rate(server),
        "loadTime": _ms(server.load_ns),
        "queueTime": _ms(queue_ns(server)),
        "promptTokens": server.prompt_tokens or None,
        "cachedTokens": server.cached_tokens,
        "outputTokens": server.output_tokens or None,
    }


def queue_ns(server: ServerReport) -> int:
    """What the server's total holds beyond its parts: waiting for a slot, mostly."""
    return server.total_ns - server.load_ns - server.prompt_ns - server.output_ns


def _ms(nanoseconds: int | None, late_ns: int = 0) -> float | None:
    return None if nanoseconds is None else (nanoseconds + late_ns) / NS_PER_MS


def _decode_rate(tokens: int, nanoseconds: int) -> float | None:
    """So many tokens span one interval less: the clock starts when the first token is there."""
    if tokens < RATE_FROM_TOKENS or nanoseconds <= 0:
        return None
    return (tokens - 1) * NS_PER_S / nanoseconds


def _prompt_rate(server: ServerReport) -> float | None:
    """Cached tokens cost nothing. A server that does not count them has none to count: each prompt begins anew."""
    tokens = server.prompt_tokens - (server.cached_tokens or 0)
    return tokens * NS_PER_S / server.prompt_ns if tokens > 0 and server.prompt_ns > 0 else None
