"""Metrics of the machine during runs, and of the beginning and the end of long ones."""

from common.catalogue.metrics.metric import Metric

DECLARED = (
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
)
