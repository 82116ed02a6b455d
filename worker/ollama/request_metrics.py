"""Metrics of one request, by the names and formulas of common/catalogue/metrics. Unknown metrics are None."""

from collections.abc import Sequence

from common.ollama.engine import Engine
from common.records.runs import Metrics
from common.values.units import NS_PER_MS, NS_PER_S
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
        "decodeTokensPerSecond": _rate(server.output_tokens, server_intervals(generation), server.output_ns),
        "clientTokensPerSecond": _rate(server.output_tokens, client_intervals(generation), _span(content)),
        "promptTokensPerSecond": _prompt_rate(server),
        "loadTime": _ms(server.load_ns),
        "queueTime": _ms(queue_ns(server)),
        "promptTokens": server.prompt_tokens or None,
        "cachedTokens": server.cached_tokens,
        "outputTokens": server.output_tokens or None,
    }


def total_tokens(generations: Sequence[Generation]) -> int | None:
    """Return the tokens that were generated in all of them; None if a server did not report them."""
    counts = [generation.server.output_tokens for generation in generations]
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None


def queue_ns(server: ServerReport) -> int | None:
    """Return the part of the server's total duration beyond its parts, mostly waiting for a slot, in nanoseconds.

    None if a part is unknown.
    """
    parts = (server.load_ns, server.prompt_ns, server.output_ns)
    known = [part for part in parts if part is not None]
    return None if server.total_ns is None or len(known) < len(parts) else server.total_ns - sum(known)


def _ms(nanoseconds: int | None, late_ns: int = 0) -> float | None:
    return None if nanoseconds is None else (nanoseconds + late_ns) / NS_PER_MS


def server_intervals(generation: Generation) -> int:
    """Return the intervals between tokens in the server's duration, whose clock starts when the first token is there.

    With MLX it starts before the first token.
    """
    return (generation.server.output_tokens or 0) - (generation.engine != Engine.MLX)


def client_intervals(generation: Generation) -> int:
    """Return the intervals between the first and the last content. The last token ends the text and has no content.

    MLX does not count it.
    """
    return (generation.server.output_tokens or 0) - 1


def _span(content: Sequence[int]) -> int | None:
    return content[-1] - content[0] if content else None


def _rate(tokens: int | None, intervals: int, nanoseconds: int | None) -> float | None:
    if tokens is None or tokens < MIN_TOKENS or not nanoseconds or nanoseconds < 0:
        return None
    return intervals * NS_PER_S / nanoseconds


def _prompt_rate(server: ServerReport) -> float | None:
    """Return the rate over the tokens that were not cached.

    A server that does not report cached tokens has none here, because each prompt begins with a nonce.
    """
    tokens = (server.prompt_tokens or 0) - (server.cached_tokens or 0)
    return tokens * NS_PER_S / server.prompt_ns if tokens > 0 and server.prompt_ns else None
