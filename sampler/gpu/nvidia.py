"""NVIDIA GPUs. Source: NVML (https://docs.nvidia.com/deploy/nvml-api).

What NVML reports differs by card, driver, container and licence, so each call may fail by itself. A call that is not
supported is never repeated. A call that fails leaves its own field of one reading unknown.
"""

import logging
import time
from collections.abc import Collection
from typing import Any

import pynvml

from sampler.gpu import mig
from sampler.gpu.clients import Clients
from sampler.readings import GpuReading
from sampler.schedule import Clock, Throttled

logger = logging.getLogger(__name__)

VENDOR = "NVIDIA"

SLOW_S = 1.0
"""Time between reads of values that change slowly. Each call may wait for the driver."""

UNSUPPORTED = (pynvml.NVMLError_NotSupported, pynvml.NVMLError_FunctionNotFound, pynvml.NVMLError_NoPermission)

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
"""Reasons for lower clocks. NVML also lists idleness, which does not slow anything down."""


class NvidiaGpus:
    """All NVIDIA GPUs.

    Raises:
        pynvml.NVMLError: if the driver is missing or does not work.
    """

    def __init__(self, clock: Clock = time.monotonic) -> None:
        pynvml.nvmlInit()
        self._gpus: list[NvidiaGpu] = []
        self._left_out: dict[str, str] = {}
        for index in range(pynvml.nvmlDeviceGetCount()):
            try:
                self._gpus.append(NvidiaGpu(index, clock))
            except pynvml.NVMLError as error:  # fallen off the bus; the other GPUs may still work
                self._left_out[f"gpu {index}"] = str(error)

    def read(self, ollama: Collection[int]) -> tuple[GpuReading, ...]:
        return tuple(gpu.read(ollama) for gpu in self._gpus)

    def inventory(self) -> list[dict[str, Any]]:
        return [gpu.inventory() for gpu in self._gpus]

    def missing(self) -> dict[str, str]:
        return self._left_out | {name: reason for gpu in self._gpus for name, reason in gpu.missing().items()}


class NvidiaGpu:
    def __init__(self, index: int, clock: Clock) -> None:
        self._index = index
        self._handle = pynvml.nvmlDeviceGetHandleByIndex(index)
        self._unsupported: set[str] = set()
        self._reasons: dict[str, str] = {}
        self._clients = Clients(self._ask, clock)
        self._slow = Throttled(self._link_and_memory, SLOW_S, clock)
        self._partitioned = mig.is_partitioned(self._ask)
        self._name: str | None = self._ask("nvmlDeviceGetName")

    def read(self, ollama: Collection[int]) -> GpuReading:
        """Return a reading.

        `power` is a mean over up to a second on newer cards. `energy` is exact. `memory_used` includes the driver's.
        """
        use, memory = self._ask("nvmlDeviceGetUtilizationRates"), self._ask("nvmlDeviceGetMemoryInfo")
        generation, width, memory_temperature = self._slow()
        milliwatts, millijoules = self._ask("nvmlDeviceGetPowerUsage"), self._ask("nvmlDeviceGetTotalEnergyConsumption")
        return GpuReading(
            index=self._index,
            name=self._name,
            utilization=None if use is None or self._partitioned else use.gpu,  # unknown for a whole MIG card
            memory_used=memory and memory.used,
            memory_total=memory and memory.total,
            memory_ollama=self._clients.memory(ollama),
            power=None if milliwatts is None else milliwatts / 1000,
            energy=None if millijoules is None else millijoules / 1000,
            temperature=self._ask("nvmlDeviceGetTemperature", pynvml.NVML_TEMPERATURE_GPU),
            sm_clock=self._ask("nvmlDeviceGetClockInfo", pynvml.NVML_CLOCK_SM),
            memory_clock=self._ask("nvmlDeviceGetClockInfo", pynvml.NVML_CLOCK_MEM),
            throttle=_throttle_reasons(self._ask("nvmlDeviceGetCurrentClocksThrottleReasons")),
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
            "instances": mig.instances(self._ask) if self._partitioned else [],
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
        """Return the temperature of HBM or GDDR6X. Other memory has no sensor, which some drivers report as 0."""
        values = self._ask("nvmlDeviceGetFieldValues", [pynvml.NVML_FI_DEV_MEMORY_TEMP])
        known = values is not None and values[0].nvmlReturn == pynvml.NVML_SUCCESS
        return (values[0].value.uiVal or None) if known else None

    def _ask(self, call: str, *arguments: object, none: Collection[int] = ()) -> Any:  # noqa: ANN401 - pynvml has no types
        """Return NVML's result for this GPU, None if the call fails, or [] if it fails with a code in `none`."""
        if call in self._unsupported:
            return None
        try:
            return getattr(pynvml, call)(self._handle, *arguments)
        except UNSUPPORTED as error:
            self._unsupported.add(call)
            self._log(call, error)
        except pynvml.NVMLError as error:
            if error.value in none:
                return []
            self._log(call, error)
        return None

    def _log(self, call: str, error: Exception) -> None:
        if call not in self._reasons:
            logger.warning("GPU %d: %s failed: %s", self._index, call, error)
        self._reasons[call] = str(error)


def _throttle_reasons(bits: int | None) -> tuple[str, ...] | None:
    return None if bits is None else tuple(reason for bit, reason in THROTTLE.items() if bits & bit)
