"""The metrics of a test: names as on the wire, what people call them, units, which way is better, what each means.

A metric is a number of one run; a test has its median under the metric's name and the whole distribution under
`statistics`. Formulas use Ollama's fields (nanoseconds) and the client's stamps.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Metric:
    name: str
    label: str
    unit: str
    better: Literal["lower", "higher", "neither"]
    description: str


METRICS = {
    metric.name: metric
    for metric in (
        Metric("inferenceTime", "request", "ms", "lower", "wall time from sending the request to its last content"),
        Metric(
            "tokensPerSecond",
            "rate",
            "tokens/s",
            "higher",
            "the test type's own rate: decode's for most",
        ),
        Metric("timeToFirstToken", "TTFT", "ms", "lower", "from sending the request to the first chunk with content"),
        Metric(
            "interChunkLatency",
            "inter-token latency",
            "ms",
            "lower",
            "mean time between chunks with content, as the client saw them",
        ),
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
        Metric("loadTime", "load", "ms", "lower", "load_duration: from the server's receipt until a runner is ready"),
        Metric(
            "queueTime",
            "queueing",
            "ms",
            "lower",
            "total - load - prompt_eval - eval: what no field of the server accounts for",
        ),
        Metric("promptTokens", "prompt tokens", "tokens", "neither", "prompt_eval_count"),
        Metric(
            "cachedTokens", "cached tokens", "tokens", "neither", "prompt_eval_cached_count, where the server tells it"
        ),
        Metric(
            "outputTokens", "output tokens", "tokens", "neither", "eval_count, the first and any end token included"
        ),
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
        Metric(
            "aggregateTokensPerSecond",
            "throughput",
            "tokens/s",
            "higher",
            "eval_count of all requests of a run / (last content of all - first request sent)",
        ),
        Metric("requestsPerSecond", "requests", "requests/s", "higher", "answers of a run over the same time"),
        Metric(
            "writingAtOnce",
            "answers at once",
            "requests",
            "neither",
            "answers written at the same time for a tenth of the run or longer",
        ),
        Metric("kneeUsers", "knee", "users", "higher", "fewest users at whom throughput is within 5 % of its most"),
        Metric(
            "parallelSlots",
            "parallel slots",
            "requests",
            "higher",
            "most requests that the server was seen to write at once",
        ),
        Metric(
            "offeredRequestsPerSecond",
            "offered load",
            "requests/s",
            "neither",
            "rate at which requests came, answered or not",
        ),
        Metric(
            "capacityRequestsPerSecond",
            "capacity",
            "requests/s",
            "higher",
            "requestsPerSecond of a closed loop at its knee",
        ),
        Metric(
            "goodput", "goodput", "requests/s", "higher", "requests that met both objectives, over the time of the run"
        ),
        Metric("goodputShare", "goodput share", "%", "higher", "share of the requests that met both objectives"),
        Metric("failedRequests", "failed requests", "requests", "lower", "requests that the server did not answer"),
        Metric(
            "firstFifthTokensPerSecond",
            "decode, first fifth",
            "tokens/s",
            "higher",
            "median decode rate of the first fifth of the runs",
        ),
        Metric(
            "lastFifthTokensPerSecond",
            "decode, last fifth",
            "tokens/s",
            "higher",
            "median decode rate of the last fifth of the runs",
        ),
        Metric("rateRetained", "rate kept", "%", "higher", "the last fifth's rate in percent of the first's"),
        Metric(
            "firstFifthSmClock",
            "SM clock, first fifth",
            "MHz",
            "higher",
            "SM clock while writing, mean over the first fifth of the runs",
        ),
        Metric(
            "lastFifthSmClock",
            "SM clock, last fifth",
            "MHz",
            "higher",
            "SM clock while writing, mean over the last fifth of the runs",
        ),
        Metric(
            "firstFifthGpuTemperature",
            "GPU temperature, first fifth",
            "°C",
            "lower",
            "GPU's temperature, as firstFifthSmClock",
        ),
        Metric(
            "lastFifthGpuTemperature",
            "GPU temperature, last fifth",
            "°C",
            "lower",
            "GPU's temperature, as lastFifthSmClock",
        ),
        Metric(
            "firstFifthCpuFrequency",
            "CPU frequency, first fifth",
            "MHz",
            "higher",
            "processors' frequency, as firstFifthSmClock",
        ),
        Metric(
            "lastFifthCpuFrequency",
            "CPU frequency, last fifth",
            "MHz",
            "higher",
            "processors' frequency, as lastFifthSmClock",
        ),
        Metric(
            "firstFifthCpuTemperature",
            "CPU temperature, first fifth",
            "°C",
            "lower",
            "processors' temperature, as firstFifthSmClock",
        ),
        Metric(
            "lastFifthCpuTemperature",
            "CPU temperature, last fifth",
            "°C",
            "lower",
            "processors' temperature, as lastFifthSmClock",
        ),
        Metric(
            "energyPerToken",
            "energy a token",
            "J/token",
            "lower",
            "energy of GPUs and CPU packages over prefill and decode of a run's requests / their eval_count",
        ),
        Metric(
            "energyPerTokenAboveIdle",
            "energy a token above idle",
            "J/token",
            "lower",
            "(that energy - power of the idle machine * the same time) / eval_count",
        ),
        Metric(
            "ramUsage", "RAM", "bytes", "lower", "resident memory of Ollama's processes, mean over the measured windows"
        ),
        Metric(
            "vramUsage", "VRAM", "bytes", "lower", "GPU memory of Ollama's processes, mean over the measured windows"
        ),
        Metric(
            "cpuUsage",
            "CPU",
            "%",
            "neither",
            "busy share of the whole machine's processors, mean over the measured windows",
        ),
        Metric("gpuUsage", "GPU", "%", "neither", "utilisation, mean over the GPUs and the measured windows"),
        Metric(
            "embeddingsPerSecond", "embeddings", "embeddings/s", "higher", "embeddings of a request / its inferenceTime"
        ),
        Metric(
            "swapTime", "swap", "ms", "lower", "timeToFirstToken after the other model had its turn, less the one after"
        ),
        Metric(
            "swappedOut",
            "swapped out",
            "%",
            "lower",
            "100 where the other model had put this one out of memory, 0 where both fit",
        ),
        Metric(
            "timeToAnswer",
            "time to answer",
            "ms",
            "lower",
            "from sending the request to the first chunk that is not thinking",
        ),
        Metric(
            "thinkingTime", "thinking", "ms", "lower", "timeToAnswer - timeToFirstToken, the first chunk of thinking"
        ),
        Metric(
            "thinkingShare", "share of thinking", "%", "neither", "share of the chunks with content that hold thinking"
        ),
        Metric(
            "sameAnswer",
            "same answer",
            "%",
            "higher",
            "share of the answer before its first difference from the first run's",
        ),
        Metric(
            "identicalAnswers",
            "identical answers",
            "%",
            "higher",
            "share of the runs after the first with its answer, word for word",
        ),
        Metric("vramShare", "in VRAM", "%", "neither", "size_vram / size of /api/ps, after the run"),
    )
}
