"""The energy of the CPU packages. Source: RAPL through Linux's powercap, which most kernels show to root only."""

import logging
from pathlib import Path

logger = logging.getLogger(__name__)
MICRO = 1_000_000


class PackageEnergy:
    """Counts on over the wrap of the hardware's counters, which comes within minutes on large machines."""

    def __init__(self, root: Path = Path("/")) -> None:
        self._counters = [Counter(domain) for domain in _packages(root)]

    def read(self) -> float | None:
        """Joules since the sampler's start, all packages together; None where no package is readable."""
        return sum(counter.microjoules() for counter in self._counters) / MICRO if self._counters else None


class Counter:
    """One package's counter, which starts again at 0 after `max_energy_range_uj`."""

    def __init__(self, domain: Path) -> None:
        self._path = domain / "energy_uj"
        self._range = int((domain / "max_energy_range_uj").read_text())
        self._last = int(self._path.read_text())
        self._spent = 0

    def microjoules(self) -> int:
        """Since the beginning."""
        now = int(self._path.read_text())
        self._spent += now - self._last if now >= self._last else now + self._range - self._last
        self._last = now
        return self._spent


def _packages(root: Path) -> list[Path]:
    """The readable domains named `package-N`; those below them (core, dram) are parts of them or not CPU."""
    named = sorted(root.glob("sys/class/powercap/intel-rapl:*/name"))
    packages = [name.parent for name in named if name.read_text().startswith("package")]
    try:
        for package in packages:
            (package / "energy_uj").read_text()
    except OSError as error:
        logger.info("the CPU's energy is left out: %s (%s)", error.strerror, error.filename)
        return []
    return packages
