"""The energy of the CPU packages. Source: RAPL through Linux's powercap, which most kernels show to root only."""

from pathlib import Path

ADVICE = "most kernels show it to root only: chmod a+r /sys/class/powercap/intel-rapl:*/energy_uj, at each boot"
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
    """The domains named `package-N`; those below them (core, dram) are parts of them or not CPU. None where one is
    closed, because their sum is wanted.
    """
    return [] if why_missing(root) else _domains(root)


def why_missing(root: Path) -> str | None:
    """None where nothing is missing."""
    domains = _domains(root)
    try:
        for domain in domains:
            (domain / "energy_uj").read_text()
    except OSError as error:
        return f"{error.strerror}: {error.filename}; {ADVICE}"
    return None if domains else "the kernel shows no RAPL, as on virtual machines and most ARM"


def _domains(root: Path) -> list[Path]:
    named = sorted(root.glob("sys/class/powercap/intel-rapl:*/name"))
    return [name.parent for name in named if name.read_text().startswith("package")]
