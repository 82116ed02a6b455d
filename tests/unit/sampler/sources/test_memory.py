import sys
from pathlib import Path

import psutil
import pytest

from sampler.readings import MemoryReading
from sampler.sources.memory import MemorySource
from tests.support.machine.sysfs import write

MEMINFO = """MemTotal:        8000 kB
MemFree:          500 kB
MemAvailable:    6000 kB
Buffers:          200 kB
SwapTotal:       1000 kB
SwapFree:         900 kB
Dirty:              0 kB
HugePages_Total:      0
"""


def test_used_is_all_memory_that_is_not_available(tmp_path: Path) -> None:
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc/meminfo").write_text(MEMINFO)
    assert MemorySource(tmp_path).read() == MemoryReading(8000 << 10, 2000 << 10, 6000 << 10, 100 << 10)


ARCSTATS = """13 1 0x01 147 39984 5 6
name                            type data
c_min                           4    {minimum}
size                            4    {size}
"""


@pytest.mark.parametrize(
    ("minimum", "size", "given_back"),
    [(100, 1600, 1500), (200, 100, 0), (100, 2200, 0)],  # the last is a machine's, which a container sees
)
def test_zfss_cache_above_its_minimum_is_available(tmp_path: Path, minimum: int, size: int, given_back: int) -> None:
    write(tmp_path, proc__meminfo=MEMINFO)
    write(tmp_path / "proc/spl/kstat/zfs", arcstats=ARCSTATS.format(minimum=minimum << 10, size=size << 10))
    reading = MemorySource(tmp_path).read()
    assert (reading.used, reading.available) == ((2000 - given_back) << 10, (6000 + given_back) << 10)


@pytest.mark.parametrize(
    ("lacks", "available", "swap_used"),
    [
        ("MemAvailable", 700, 100),  # old kernels and gVisor: free, and the caches
        ("SwapFree", 6000, None),
        ("HugePages_Total", 6000, 100),
    ],
)
def test_a_missing_line_loses_only_its_own_value(
    tmp_path: Path, lacks: str, available: int, swap_used: int | None
) -> None:
    lines = [line for line in MEMINFO.splitlines() if not line.startswith(lacks)]
    write(tmp_path, proc__meminfo="\n".join(lines))
    reading = MemorySource(tmp_path).read()
    assert (reading.available, reading.swap_used) == (available << 10, swap_used and swap_used << 10)


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_both_sources_agree(tmp_path: Path) -> None:
    ours, psutils = MemorySource().read(), MemorySource(tmp_path).read()
    assert ours.total == psutils.total == psutil.virtual_memory().total
    assert ours.available == pytest.approx(psutils.available, rel=0.1)
    assert ours.swap_used == pytest.approx(psutils.swap_used, abs=64 << 20)
