import sys
from pathlib import Path

import psutil
import pytest

from sampler.readings import MemoryReading
from sampler.sources.memory import MemorySource

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


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_both_sources_agree(tmp_path: Path) -> None:
    ours, psutils = MemorySource().read(), MemorySource(tmp_path).read()
    assert ours.total == psutils.total == psutil.virtual_memory().total
    assert ours.available == pytest.approx(psutils.available, rel=0.1)
    assert ours.swap_used == pytest.approx(psutils.swap_used, abs=64 << 20)
