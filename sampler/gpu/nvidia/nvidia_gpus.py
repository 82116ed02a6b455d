"""NVIDIA GPUs. Source: NVML (https://docs.nvidia.com/deploy/nvml-api).

What NVML reports differs by card, driver, container and licence, so each call may fail by itself. A call that is not
supported is never repeated. A call that fails leaves its own field of one reading unknown.
"""

import time
from collections.abc import Collection
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

import pynvml

from sampler.gpu import plausible_values
from sampler.gpu.gpus import VendorGpus
from sampler.gpu.nvidia import mig
from sampler.gpu.nvidia.gpu_processes import Clients
from sampler.gpu.nvidia.nvml import Nvml
from sampler.gpu.plausible_values import Fields
from sampler.loop.schedule import Clock, Throttled
from sampler.printable import printable
from sampler.readings import GpuReading
from sampler.tolerant_read import TolerantReads

VENDOR = "NVIDIA"

SLOW_S = 1.0
"""Time between reads of values that change slowly. Each call may wait for the driver."""

BASIC = ("nvmlDeviceGetMemoryInfo", "nvmlDeviceGetTemperature")
"""Calls that every GPU supports."""

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
MAX_BITS = 1 << 32
"""No driver defines as many reasons. Larger values stand for an unknown one."""


OF_PROCESSES = ("memory_ollama", "utilization_foreign")
"""Fields that depend on which processes are Ollama's."""


class NvidiaGpus(VendorGpus):
    """All NVIDIA GPUs.

    Raises:
        pynvml.NVMLError: if the driver is missing or does not work.
    """

    def __init__(self, clock: Clock = time.monotonic) -> None:
        with suppress(pynvml.NVMLError):  # not open yet
            pynvml.nvmlShutdown()  # a driver that was loaded again needs a new connection
        pynvml.nvmlInit()
        reads = TolerantReads()
        indices = range(pynvml.nvmlDeviceGetCount())
        found = [reads.read(f"gpu {index}", partial(NvidiaGpu, index, clock)) for index in indices]
        self._opened = [gpu for gpu in found if gpu]  # one that has fallen off the bus is left out
        super().__init__(self._opened, VENDOR, reads)

    def hidden(self) -> set[str]:
        return super().hidden() | ({VENDOR} if any(gpu.is_lost for gpu in self._opened) else set())


class NvidiaGpu:
    def __init__(self, index: int, clock: Clock) -> None:
        self.index = index
        self._reads = TolerantReads(f"gpu {index}")
        self._ask = ask = Nvml(pynvml.nvmlDeviceGetHandleByIndex(index), self._reads).ask
        self._clients = Clients(ask, clock)
        self._partitioned = mig.is_partitioned(ask)
        self._name: str | None = None
        self._memory: Any = None
        self._pids: Collection[int] = ()
        self._fields, self._slow_fields = (
            plausible_values.checked(fields) for fields in (self._fast(), self._rarely())
        )
        self._of_processes = {name: self._fields[name] for name in OF_PROCESSES}
        self._slow = Throttled(self._read_slow, SLOW_S, clock)
        self._read_name()

    def read(self, ollama: Collection[int]) -> GpuReading:
        """Return a reading.

        `power` is a mean over up to a second on newer cards. `energy` is exact. `memory_used` includes the driver's.
        """
        self._pids, self._memory = ollama, self._ask("nvmlDeviceGetMemoryInfo")
        values = plausible_values.read(self._fields, self._reads) | self._slow()
        plausible_values.compare(values, self._reads)
        return GpuReading(index=self.index, name=self._name, vendor=VENDOR, **values)

    def attributed(self, reading: GpuReading, ollama: Collection[int]) -> GpuReading:
        """Return the reading as that of another Ollama, whose process ids these are."""
        self._pids = ollama
        return replace(reading, **plausible_values.read(self._of_processes, self._reads))

    @property
    def is_lost(self) -> bool:
        """Whether the GPU does not even report its memory and temperature, as after its driver was unloaded."""
        return {f"gpu {self.index} {call}" for call in BASIC} <= self._reads.failed

    def inventory(self) -> dict[str, Any]:
        self._read_name()
        memory = self._ask("nvmlDeviceGetMemoryInfo")
        return {
            "model": self._name,
            "driver": self._reads.read("driver", pynvml.nvmlSystemGetDriverVersion),
            "memory": (memory and memory.total) or None,
            "shared": 0,
            "vendor": VENDOR,
            "instances": mig.instances(self._ask) if self._partitioned else [],
        }

    def missing(self) -> dict[str, str]:
        return self._reads.missing

    def _fast(self) -> Fields:
        ask = self._ask
        return {
            "utilization": self._utilization,
            "memory_used": lambda: self._memory and self._memory.used,
            "memory_total": lambda: self._memory and self._memory.total,
            "memory_ollama": lambda: self._clients.memory(self._pids),
            "power": lambda: _thousandth(ask("nvmlDeviceGetPowerUsage")),
            "energy": lambda: _thousandth(ask("nvmlDeviceGetTotalEnergyConsumption")),
            "temperature": lambda: ask("nvmlDeviceGetTemperature", pynvml.NVML_TEMPERATURE_GPU),
            "sm_clock": lambda: ask("nvmlDeviceGetClockInfo", pynvml.NVML_CLOCK_SM),
            "memory_clock": lambda: ask("nvmlDeviceGetClockInfo", pynvml.NVML_CLOCK_MEM),
            "throttle": lambda: _throttle_reasons(ask("nvmlDeviceGetCurrentClocksThrottleReasons")),
            "utilization_foreign": lambda: self._clients.foreign(self._pids),
        }

    def _rarely(self) -> Fields:
        return {
            "pcie_generation": lambda: self._ask("nvmlDeviceGetCurrPcieLinkGeneration"),
            "pcie_width": lambda: self._ask("nvmlDeviceGetCurrPcieLinkWidth"),
            "memory_temperature": self._memory_temperature,
        }

    def _read_slow(self) -> dict[str, Any]:
        self._read_name()
        return plausible_values.read(self._slow_fields, self._reads)

    def _read_name(self) -> None:
        if self._name is None:
            name = self._ask("nvmlDeviceGetName")
            self._name = name and printable(name)

    def _utilization(self) -> int | None:
        """Return the load, which is unknown for a whole partitioned (MIG) card."""
        use = None if self._partitioned else self._ask("nvmlDeviceGetUtilizationRates")
        return None if use is None else use.gpu

    def _memory_temperature(self) -> int | None:
        """Return the temperature of HBM or GDDR6X. Other memory has no sensor, which some drivers report as 0."""
        values = self._ask("nvmlDeviceGetFieldValues", [pynvml.NVML_FI_DEV_MEMORY_TEMP])
        known = values is not None and values[0].nvmlReturn == pynvml.NVML_SUCCESS
        return (values[0].value.uiVal or None) if known else None


def _thousandth(value: int | None) -> float | None:
    return None if value is None else value / 1000


def _throttle_reasons(bits: int | None) -> tuple[str, ...] | None:
    if bits is not None and bits >= MAX_BITS:
        raise ValueError(f"the driver reports {bits:#x}")
    return None if bits is None else tuple(reason for bit, reason in THROTTLE.items() if bits & bit)
