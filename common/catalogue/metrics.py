"""All metrics, by name: label, unit, direction and formula.

A metric is a number of one run. A test has its median under the metric's name, and its distribution under
`statistics`. Formulas use Ollama's fields (nanoseconds) and the client's time stamps.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Metric:
    """A number of a run. `better` is the direction in which it is better.

    `is_wait` is True for the time until something that may never happen: a request that failed waited longer than all.
    """

    name: str
    label: str
    unit: str
    better: Literal["lower", "higher", "neither"]
    description: str
    is_wait: bool = False

    @property
    def is_speed(self) -> bool:
        """Whether a better value is a faster one: of a time or a rate."""
        return self.better != "neither" and (self.unit == "ms" or self.unit.endswith("/s"))


_DECLARED = (
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
    Metric(
        "aggregateTokensPerSecond",
        "throughput",
        "tokens/s",
        "higher",
        "tokens that arrived in the measured time of a run / this time",
    ),
    Metric("requestsPerSecond", "requests", "requests/s", "higher", "answers that ended in the same time / this time"),
    Metric(
        "writingAtOnce",
        "answers at once",
        "requests",
        "neither",
        "largest number of answers written at the same time for a tenth of the run",
    ),
    Metric("kneeUsers", "knee", "users", "higher", "smallest number of users that reaches 95 % of peak throughput"),
    Metric(
        "kneeUsersLow",
        "knee, at least",
        "users",
        "higher",
        "smallest number of users whose throughput is not clearly below 95 % of the peak",
    ),
    Metric(
        "kneeUsersHigh",
        "knee, at most",
        "users",
        "higher",
        "smallest number of users whose throughput is clearly above 95 % of the peak",
    ),
    Metric("parallelSlots", "parallel slots", "requests", "higher", "largest number of answers written at once"),
    Metric(
        "offeredRequestsPerSecond",
        "offered load",
        "requests/s",
        "neither",
        "rate at which requests were sent, answered or not",
    ),
    Metric(
        "capacityRequestsPerSecond",
        "capacity",
        "requests/s",
        "higher",
        "requestsPerSecond of a closed loop at its knee",
    ),
    Metric("capacityUsers", "users served well", "users", "higher", "largest number of users whose answers are good"),
    Metric("capacityUsersLow", "users served well, at least", "users", "higher", "number of users that is proven good"),
    Metric("capacityUsersHigh", "users served well, at most", "users", "higher", "one less than is proven too many"),
    Metric("capacityRate", "rate served well", "requests/s", "higher", "largest rate at which answers are good"),
    Metric("capacityRateLow", "rate served well, at least", "requests/s", "higher", "rate that is proven good"),
    Metric("capacityRateHigh", "rate served well, at most", "requests/s", "higher", "rate that is proven too large"),
    Metric("goodput", "goodput", "requests/s", "higher", "requests that met both objectives / duration of the run"),
    Metric("goodputShare", "goodput share", "%", "higher", "share of the requests that met both objectives"),
    Metric("failedRequests", "failed requests", "requests", "lower", "requests that the server did not answer"),
    Metric(
        "firstFifthTokensPerSecond",
        "decode, first fifth",
        "tokens/s",
        "higher",
        "median decode rate, first fifth of the runs",
    ),
    Metric(
        "lastFifthTokensPerSecond",
        "decode, last fifth",
        "tokens/s",
        "higher",
        "median decode rate, last fifth of the runs",
    ),
    Metric("rateRetained", "rate kept", "%", "higher", "rate of the last fifth in percent of the first fifth"),
    Metric(
        "firstFifthSmClock", "SM clock, first fifth", "MHz", "higher", "mean during decode, first fifth of the runs"
    ),
    Metric("lastFifthSmClock", "SM clock, last fifth", "MHz", "higher", "mean during decode, last fifth of the runs"),
    Metric(
        "firstFifthGpuTemperature",
        "GPU temperature, first fifth",
        "°C",
        "lower",
        "temperature of the GPU, as firstFifthSmClock",
    ),
    Metric(
        "lastFifthGpuTemperature",
        "GPU temperature, last fifth",
        "°C",
        "lower",
        "temperature of the GPU, as lastFifthSmClock",
    ),
    Metric(
        "firstFifthCpuFrequency",
        "CPU frequency, first fifth",
        "MHz",
        "higher",
        "frequency of the processors, as firstFifthSmClock",
    ),
    Metric(
        "lastFifthCpuFrequency",
        "CPU frequency, last fifth",
        "MHz",
        "higher",
        "frequency of the processors, as lastFifthSmClock",
    ),
    Metric(
        "firstFifthCpuTemperature",
        "CPU temperature, first fifth",
        "°C",
        "lower",
        "temperature of the processors, as firstFifthSmClock",
    ),
    Metric(
        "lastFifthCpuTemperature",
        "CPU temperature, last fifth",
        "°C",
        "lower",
        "temperature of the processors, as lastFifthSmClock",
    ),
    Metric(
        "energyPerToken",
        "energy per token",
        "J/token",
        "lower",
        "energy of GPUs and CPU packages over prefill and decode of a run's requests / their eval_count",
    ),
    Metric(
        "energyPerTokenAboveIdle",
        "energy per token above idle",
        "J/token",
        "lower",
        "(that energy - power of the idle machine without a model * the same time) / eval_count",
    ),
    Metric(
        "energyPerTokenAboveLoaded",
        "energy per token above the loaded model",
        "J/token",
        "lower",
        "(that energy - power of the idle machine with the model loaded * the same time) / eval_count",
    ),
    Metric(
        "ramUsage", "RAM", "bytes", "lower", "resident memory of Ollama's processes, mean over the measured windows"
    ),
    Metric("vramUsage", "VRAM", "bytes", "lower", "GPU memory of Ollama's processes, mean over the measured windows"),
    Metric(
        "cpuUsage", "CPU", "%", "neither", "busy share of all processors of the machine, mean over the measured windows"
    ),
    Metric("gpuUsage", "GPU", "%", "neither", "utilisation, mean over the GPUs and the measured windows"),
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

METRICS = {metric.name: metric for metric in _DECLARED}
