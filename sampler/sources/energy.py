"""The energy of the CPU packages. Source: RAPL in Linux's powercap, which most kernels show only to root."""

from pathlib import Path

ADVICE = "most kernels show it only to root; run chmod a+r /sys/class/powercap/intel-rapl:*/energy_uj at each boot"
MICRO = 1_000_000


class PackageEnergy:
    """Energy of all packages, counted across the wraps of the hardware's counters (minutes on large machines)."""

    def __init__(self, root: Path = Path("/")) -> None:
        self._counters = [PackageCounter(domain) for domain in _packages(root)]

    def read(self) -> float | None:
        """Return joules since the sampler started, for all packages together; None if no package is readable."""
        return sum(counter.microjoules() for counter in self._counters) / MICRO if self._counters else None


class PackageCounter:
    """One package's counter, which restarts at 0 after `max_energy_range_uj`."""

    def __init__(self, domain: Path) -> None:
        self._path = domain / "energy_uj"
        self._range = int((domain / "max_energy_range_uj").read_text())
        self._last = int(self._path.read_text())
        self._spent = 0

    def microjoules(self) -> int:
        """Return the microjoules since this object was made."""
        now = int(self._path.read_text())
        self._spent += now - self._last if now >= self._last else now + self._range - self._last
        self._last = now
        return self._spent


def _packages(root: Path) -> list[Path]:
    """Return the packages' domains, or [] if one of them is not readable, because only the sum is useful."""
    return [] if missing_reason(root) else _domains(root)


def missing_reason(root: Path) -> str | None:
    """Return why the energy is unknown, or None if it is known."""
    domains = _domains(root)
    try:
        for domain in domains:
            (domain / "energy_uj").read_text()
    except OSError as error:
        return f"{error.strerror}: {error.filename}; {ADVICE}"
    return None if domains else "the kernel shows no RAPL, as on virtual machines and most ARM"


def _domains(root: Path) -> list[Path]:
    """Return the domains named `package-N`. Their subdomains (core, dram) are parts of them or not the CPU's."""
    named = sorted(root.glob("sys/class/powercap/intel-rapl:*/name"))
    return [name.parent for name in named if name.read_text().startswith("package")]
