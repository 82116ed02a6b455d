"""Metrics of embeddings, models in memory, thinking and answers."""

from common.catalogue.metrics.metric import Metric

DECLARED = (
    Metric(
        "embeddingsPerSecond", "embeddings", "embeddings/s", "higher", "embeddings of a request / its inferenceTime"
    ),
    Metric("swapTime", "swap", "ms", "lower", "timeToFirstToken after the other model - that of the next request"),
    Metric(
        "swappedOut", "swapped out", "%", "lower", "100 if the other model replaced this one in memory, 0 if both fit"
    ),
    Metric(
        "timeToAnswer",
        "time to answer",
        "ms",
        "lower",
        "from sending the request to the first chunk that is not thinking",
    ),
    Metric(
        "thinkingTime",
        "thinking",
        "ms",
        "lower",
        "timeToAnswer - timeToFirstToken, which is the first chunk of thinking",
    ),
    Metric(
        "thinkingShare", "share of thinking", "%", "neither", "share of the chunks with content that contain thinking"
    ),
    Metric(
        "sameAnswer",
        "same answer",
        "%",
        "higher",
        "share of the answer before its first difference from the first run's answer",
    ),
    Metric(
        "identicalAnswers",
        "identical answers",
        "%",
        "higher",
        "share of the runs after the first with an identical answer",
    ),
    Metric("vramShare", "in VRAM", "%", "neither", "size_vram / size of /api/ps, after the run"),
)
