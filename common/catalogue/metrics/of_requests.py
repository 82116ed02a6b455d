"""Metrics of one request, and of the cache of prompts."""

from common.catalogue.metrics.metric import Metric

DECLARED = (
    Metric(
        "inferenceTime",
        "request",
        "ms",
        "lower",
        "wall time from sending the request to its last content",
        is_wait=True,
    ),
    Metric("tokensPerSecond", "rate", "tokens/s", "higher", "the rate of the test type, for most types that of decode"),
    Metric(
        "timeToFirstToken",
        "TTFT",
        "ms",
        "lower",
        "from sending the request to the first chunk with content",
        is_wait=True,
    ),
    Metric("interChunkLatency", "inter-token latency", "ms", "lower", "mean time between chunks with content"),
    Metric(
        "decodeTokensPerSecond",
        "decode",
        "tokens/s",
        "higher",
        "(eval_count - 1) / eval_duration: the duration starts when the first token has been sampled",
    ),
    Metric(
        "clientTokensPerSecond",
        "decode, client's clock",
        "tokens/s",
        "higher",
        "(eval_count - 1) / (last content - first content), by the client's clock alone",
    ),
    Metric(
        "promptTokensPerSecond",
        "prefill",
        "tokens/s",
        "higher",
        "(prompt_eval_count - prompt_eval_cached_count) / prompt_eval_duration",
    ),
    Metric(
        "promptFixedTime",
        "fixed time of a prompt",
        "ms",
        "lower",
        "the time of a prompt of no tokens, by a line through the times of all prompt lengths of a block",
    ),
    Metric(
        "promptTimePerToken",
        "time per prompt token",
        "ms",
        "lower",
        "the slope of the line through the times of all prompt lengths of a block",
    ),
    Metric("loadTime", "load", "ms", "lower", "load_duration: from the receipt of the request until a runner is ready"),
    Metric(
        "queueTime",
        "queueing",
        "ms",
        "lower",
        "total - load - prompt_eval - eval: the time that no field of the server explains",
    ),
    Metric("promptTokens", "prompt tokens", "tokens", "neither", "prompt_eval_count"),
    Metric("cachedTokens", "cached tokens", "tokens", "neither", "prompt_eval_cached_count, if the server reports it"),
    Metric("outputTokens", "output tokens", "tokens", "neither", "eval_count, including the first and any end token"),
    Metric(
        "uncachedTimeToFirstToken",
        "TTFT, uncached",
        "ms",
        "lower",
        "timeToFirstToken of a prompt that is new to the server",
    ),
    Metric(
        "cacheSaving",
        "saved by the cache",
        "%",
        "higher",
        "share of the uncached time to first token that a known beginning saves",
    ),
)
