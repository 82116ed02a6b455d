"""Metrics of one request, by the names and formulas of common/catalogue/metrics.py. Unknown metrics are None."""

from common.records.runs import Metrics
from common.units import NS_PER_MS, NS_PER_S
from worker.ollama.responses import Generation, ServerReport

MIN_TOKENS = 16
"""Fewer tokens give no rate, because the clock would dominate it: one token reads as a million per second."""


def request_metrics(generation: Generation, late_ns: int = 0) -> Metrics:
    """Return the metrics of a request that was sent `late_ns` after its scheduled time, from which its user waits."""
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
    """Return the part of the server's total duration beyond its parts, mostly waiting for a slot, in nanoseconds."""
    return server.total_ns - server.load_ns - server.prompt_ns - server.output_ns


def _ms(nanoseconds: int | None, late_ns: int = 0) -> float | None:
    return None if nanoseconds is None else (nanoseconds + late_ns) / NS_PER_MS


def _decode_rate(tokens: int, nanoseconds: int) -> float | None:
    """Return the rate over `tokens - 1` intervals, because the clock starts when the first token is there."""
    if tokens < MIN_TOKENS or nanoseconds <= 0:
        return None
    return (tokens - 1) * NS_PER_S / nanoseconds


def _prompt_rate(server: ServerReport) -> float | None:
    """Return the rate over the tokens that were not cached.

    A server that does not report cached tokens has none here, because each prompt begins with a nonce.
    """
    tokens = server.prompt_tokens - (server.cached_tokens or 0)
    return tokens * NS_PER_S / server.prompt_ns if tokens > 0 and server.prompt_ns > 0 else None
