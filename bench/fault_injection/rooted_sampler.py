"""`python -m bench.fault_injection.rooted_sampler ROOT`: a sampler that reads /proc and /sys below another root."""

import sys
from functools import partial
from pathlib import Path
from unittest.mock import patch

from sampler import __main__ as sampler
from sampler.machine import Machine


def root_with_energy(root: Path) -> Path:
    """Create a root with this machine's /proc and /sys, but a file of our own as the CPU's energy. Return the file."""
    (root / "sys/class").mkdir(parents=True)
    (root / "proc").symlink_to("/proc")
    for real in [*Path("/sys").iterdir(), *Path("/sys/class").iterdir()]:
        if real.name not in {"class", "powercap"}:
            (root / real.relative_to("/")).symlink_to(real)
    domain = root / "sys/class/powercap/intel-rapl:0"
    domain.mkdir(parents=True)
    for name, content in {"name": "package-0", "max_energy_range_uj": 10**12, "energy_uj": 10**6}.items():
        (domain / name).write_text(f"{content}\n")
    return domain / "energy_uj"


if __name__ == "__main__":
    with patch.object(sampler, "Machine", partial(Machine, root=Path(sys.argv.pop()))):
        sampler.main()
