"""The energy of the CPU packages. Source: RAPL in Linux's powercap, which most kernels show only to root."""

import time
from pathlib import Path

from sampler.loop.schedule import Clock
from sampler.sources.kernel_file import entries, number, text
from sampler.tolerant_read import NotReportedError

ADVICE = "most kernels show it only to root; run chmod a+r /sys/class/powercap/intel-rapl:*/energy_uj at each boot"
NO_RAPL = "the kernel shows no RAPL, as on virtual machines and most ARM"
MICRO = 1_000_000
RETRY_S = 60.0
"""Time between searches for counters, because they may become readable later."""
MAX_WATTS = 5000.0
MIN_LIMIT = 1000.0
"""Joules between two reads that are always possible."""


class PackageEnergy:
    """Energy of all packages, counted across the wraps of the hardware's counters (minutes on large machines)."""

    def __init__(self, root: Path = Path("/"), clock: Clock = time.monotonic) -> None:
        self._root = root
        self._clock = clock
        self._counters: list[PackageCounter] = []
        self._error: Exception | None = None
        self._searched_at = -RETRY_S

    def read(self) -> float:
        """Return joules since the first read, for all packages together.

        Raises:
            NotReportedError: if there is no counter, or if this user may not read one.
            OSError, ValueError: if one of them cannot be read, because only the sum is useful.
        """
        if not self._counters:
            self._search()
        return sum(counter.joules() for counter in self._counters)

    def _search(self) -> None:
        if self._error and self._clock() - self._searched_at < RETRY_S:
            raise self._error.with_traceback(None)
        self._searched_at = self._clock()
        try:
            self._counters = [PackageCounter(domain, self._clock) for domain in _packages(self._root)]
        except PermissionError as error:
            self._error = NotReportedError(f"{error.strerror}: {error.filename}; {ADVICE}")
            raise self._error from error
        except Exception as error:
            self._error = error
            raise


class PackageCounter:
    """One package's counter, which continues at 0 after `max_energy_range_uj`."""

    def __init__(self, domain: Path, clock: Clock) -> None:
        self._path = domain / "energy_uj"
        self._range = number(domain / "max_energy_range_uj") or 0
        self._clock = clock
        self._last, self._at = self._read(), clock()
        self._spent = 0.0

    def joules(self) -> float:
        """Return the joules since this object was made, or since the counter was reset, as by a suspend."""
        now, at = self._read(), self._clock()
        passed = (now - self._last + (self._range if now < self._last else 0)) / MICRO
        possible = 0 <= passed <= max(MIN_LIMIT, MAX_WATTS * (at - self._at))
        self._last, self._at = now, at
        self._spent = self._spent + passed if possible else 0.0
        return self._spent

    def _read(self) -> int:
        value = number(self._path)
        if value is None:
            raise ValueError(f"{self._path} is missing or empty")
        return value


def _packages(root: Path) -> list[Path]:
    """Return the domains named `package-N`. Their subdomains (core, dram) are parts of them or not the CPU's."""
    folder = root / "sys/class/powercap"
    domains = entries(folder, "intel-rapl:") or entries(folder, "intel-rapl-mmio:")  # two ways to the same counters
    found = [domain for domain in domains if (text(domain / "name") or "").startswith("package")]
    if not found:
        raise NotReportedError(NO_RAPL)
    return found
