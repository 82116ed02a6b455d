"""NVIDIA's GPUs. Source: NVML (https://docs.nvidia.com/deploy/nvml-api), the only place that speaks to it.

What NVML can tell differs by card, driver, container and licence, so each call stands for itself: one that is not
supported is never made again, one that fails loses its own field of one reading.
"""

import logging
import time
from collections.abc import Collection
from typing import Any

import pynvml

from sampler.cadence import Clock
from sampler.gpu.clients import Clients
from sampler.readings import Gpu

logger = logging.getLogger(__name__)

NEVER = (pynvml.NVMLError_NotSupported, pynvml.NVMLError_FunctionNotFound, pynvml.NVMLError_NoPermission)

THROTTLE = {
    pynvml.nvmlClocksThrottleReasonApplicationsClocksSetting: "application clocks",
    pynvml.nvmlClocksThrottleReasonSwPowerCap: "power cap",
    pynvml.nvmlClocksThrottleReasonHwSlowdown: "hardware slowdown",
    pynvml.nvmlClocksThrottleReasonSyncBoost: "sync boost",
    pynvml.nvmlClocksThrottleReasonSwThermalSlowdown: "software thermal",
    pynvml.nvmlClocksThrottleReasonHwThermalSlowdown: "hardware thermal",
    pynvml.nvmlClocksThrottleReasonHwPowerBrakeSlowdown: "power brake",
    pynvml.nvmlClocksThrottleReasonDisplayClockSetting: "display clocks",
}
"""Idleness, which NVML gives as a reason too, holds nothing back."""


class NvidiaGpus:
    """Raises `pynvml.NVMLError` where there is no driver to speak to."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        pynvml.nvmlInit()
        found = [_open(index, clock) for index in range(pynvml.nvmlDeviceGetCount())]
        self._gpus = [gpu for gpu in found if gpu]

    def read(self, ollama: Collection[int]) -> tuple[Gpu, ...]:
        return tuple(gpu.read(ollama) for gpu in self._gpus)

    def inventory(self) -> list[dict[str, Any]]:
        return [gpu.inventory() for gpu in self._gpus]


class NvidiaGpu:
    def __init__(self, index: int, clock: Clock) -> None:
        self._index = index
        self._handle = pynvml.nvmlDeviceGetHandleByIndex(index)
        self._unsupported: set[str] = set()
        self._logged: set[str] = set()
        self._clients = Clients(self._ask, clock)
        self._name: str | None = self._ask("nvmlDeviceGetName")

    def read(self, ollama: Collection[int]) -> Gpu:
        """`power` is a mean over up to a second on newer cards, `energy` exact; `memory_used` includes the driver's."""
        use, memory = self._ask("nvmlDeviceGetUtilizationRates"), self._ask("nvmlDeviceGetMemoryInfo")
        milliwatts, millijoules = self._ask("nvmlDeviceGetPowerUsage"), self._ask("nvmlDeviceGetTotalEnergyConsumption")
        return Gpu(
            index=self._index,
            name=self._name,
            utilization=use and use.gpu,
            memory_used=memory and memory.used,
            memory_total=memory and memory.total,
            memory_ollama=self._clients.memory(ollama),
            power=None if milliwatts is None else milliwatts / 1000,
            energy=None if millijoules is None else millijoules / 1000,
            temperature=self._ask("nvmlDeviceGetTemperature", pynvml.NVML_TEMPERATURE_GPU),
            sm_clock=self._ask("nvmlDeviceGetClockInfo", pynvml.NVML_CLOCK_SM),
            memory_clock=self._ask("nvmlDeviceGetClockInfo", pynvml.NVML_CLOCK_MEM),
            throttle=_words(self._ask("nvmlDeviceGetCurrentClocksThrottleReasons")),
            utilization_foreign=self._clients.foreign(ollama),
        )

    def inventory(self) -> dict[str, Any]:
        memory = self._ask("nvmlDeviceGetMemoryInfo")
        return {
            "model": self._name,
            "driver": pynvml.nvmlSystemGetDriverVersion(),
            "memory": memory and memory.total,
        }

    def _ask(self, call: str, *arguments: int, none: Collection[int] = ()) -> Any:  # noqa: ANN401 - pynvml has no types
        """What NVML answers for this GPU, or None. The codes in `none` say that there is none of what is asked for."""
        if call in self._unsupported:
            return None
        try:
            return getattr(pynvml, call)(self._handle, *arguments)
        except NEVER as error:
            self._unsupported.add(call)
            self._log(call, error)
        except pynvml.NVMLError as error:
            if error.value in none:
                return []
            self._log(call, error)
        return None

    def _log(self, call: str, error: Exception) -> None:
        if call not in self._logged:
            logger.warning("GPU %d: %s gives nothing: %s", self._index, call, error)
        self._logged.add(call)


def _open(index: int, clock: Clock) -> NvidiaGpu | None:
    try:
        return NvidiaGpu(index, clock)
    except pynvml.NVMLError as error:  # fallen off the bus; the others may still be read
        logger.warning("GPU %d is left out: %s", index, error)
        return None


def _words(reasons: int | None) -> tuple[str, ...] | None:
    return None if reasons is None else tuple(word for bit, word in THROTTLE.items() if reasons & bit)
