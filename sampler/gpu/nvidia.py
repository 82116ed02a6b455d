"""NVIDIA's GPUs. Source: NVML (https://docs.nvidia.com/deploy/nvml-api), the only place that speaks to it.

What NVML can tell differs by card, driver, container and licence, so each call stands for itself: one that is not
supported is never made again, one that fails loses its own field of one reading.
"""

import logging
import time
from collections.abc import Collection
from typing import Any

import pynvml

from sampler.gpu import mig
from sampler.gpu.clients import Clients
from sampler.readings import Gpu
from sampler.schedule import Clock, Throttled

logger = logging.getLogger(__name__)

VENDOR = "NVIDIA"

SLOW_S = 1.0
"""What changes slowly is asked for once a second: each call may wait for the driver."""

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
        self._gpus: list[NvidiaGpu] = []
        self._left_out: dict[str, str] = {}
        for index in range(pynvml.nvmlDeviceGetCount()):
            try:
                self._gpus.append(NvidiaGpu(index, clock))
            except pynvml.NVMLError as error:  # fallen off the bus; the others may still be read
                self._left_out[f"gpu {index}"] = str(error)

    def read(self, ollama: Collection[int]) -> tuple[Gpu, ...]:
        return tuple(gpu.read(ollama) for gpu in self._gpus)

    def inventory(self) -> list[dict[str, Any]]:
        return [gpu.inventory() for gpu in self._gpus]

    def missing(self) -> dict[str, str]:
        return self._left_out | {what: reason for gpu in self._gpus for what, reason in gpu.missing().items()}


class NvidiaGpu:
    def __init__(self, index: int, clock: Clock) -> None:
        self._index = index
        self._handle = pynvml.nvmlDeviceGetHandleByIndex(index)
        self._unsupported: set[str] = set()
        self._reasons: dict[str, str] = {}
        self._clients = Clients(self._ask, clock)
        self._slow = Throttled(self._link_and_memory, SLOW_S, clock)
        self._parted = mig.is_parted(self._ask)
        self._name: str | None = self._ask("nvmlDeviceGetName")

    def read(self, ollama: Collection[int]) -> Gpu:
        """`power` is a mean over up to a second on newer cards, `energy` exact; `memory_used` includes the driver's."""
        use, memory = self._ask("nvmlDeviceGetUtilizationRates"), self._ask("nvmlDeviceGetMemoryInfo")
        generation, width, memory_temperature = self._slow()
        milliwatts, millijoules = self._ask("nvmlDeviceGetPowerUsage"), self._ask("nvmlDeviceGetTotalEnergyConsumption")
        return Gpu(
            index=self._index,
            name=self._name,
            utilization=None if use is None or self._parted else use.gpu,  # instances share no such figure
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
            memory_temperature=memory_temperature,
            pcie_generation=generation,
            pcie_width=width,
            vendor=VENDOR,
        )

    def inventory(self) -> dict[str, Any]:
        memory = self._ask("nvmlDeviceGetMemoryInfo")
        return {
            "model": self._name,
            "driver": pynvml.nvmlSystemGetDriverVersion(),
            "memory": memory and memory.total,
            "vendor": VENDOR,
            "instances": mig.instances(self._ask) if self._parted else [],
        }

    def missing(self) -> dict[str, str]:
        return {f"gpu {self._index} {call}": reason for call, reason in self._reasons.items()}

    def _link_and_memory(self) -> tuple[int | None, int | None, int | None]:
        generation, width = (
            self._ask("nvmlDeviceGetCurrPcieLinkGeneration"),
            self._ask("nvmlDeviceGetCurrPcieLinkWidth"),
        )
        return generation, width, self._memory_temperature()

    def _memory_temperature(self) -> int | None:
        """Of HBM and GDDR6X; other memory has no sensor, which a driver may say with 0."""
        values = self._ask("nvmlDeviceGetFieldValues", [pynvml.NVML_FI_DEV_MEMORY_TEMP])
        known = values is not None and values[0].nvmlReturn == pynvml.NVML_SUCCESS
        return (values[0].value.uiVal or None) if known else None

    def _ask(self, call: str, *arguments: object, none: Collection[int] = ()) -> Any:  # noqa: ANN401 - pynvml has no types
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
        if call not in self._reasons:
            logger.warning("GPU %d: %s gives nothing: %s", self._index, call, error)
        self._reasons[call] = str(error)


def _words(reasons: int | None) -> tuple[str, ...] | None:
    return None if reasons is None else tuple(word for bit, word in THROTTLE.items() if reasons & bit)
