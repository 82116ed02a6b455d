import errno
from pathlib import Path

import pytest

from sampler.sources.energy import PackageEnergy
from sampler.tolerant_read import NotReportedError
from tests.support.machine.faults_of_files import Fault, FaultyFiles


def domain(root: Path, number: str, name: str, microjoules: int) -> Path:
    directory = root / f"sys/class/powercap/intel-rapl:{number}"
    directory.mkdir(parents=True)
    (directory / "name").write_text(f"{name}\n")
    (directory / "energy_uj").write_text(f"{microjoules}\n")
    (directory / "max_energy_range_uj").write_text("1000000000\n")
    return directory / "energy_uj"


def test_packages_add_up_from_the_start_and_across_a_wrap(tmp_path: Path) -> None:
    first = domain(tmp_path, "0", "package-0", 400_000_000)
    second = domain(tmp_path, "1", "package-1", 999_000_000)
    domain(tmp_path, "0:0", "core", 7)
    domain(tmp_path, "2", "psys", 7)
    source = PackageEnergy(tmp_path)
    assert source.read() == 0
    first.write_text("402500000\n")
    second.write_text("3000000\n")  # wrapped: 1 J to the end, 3 J after it
    assert source.read() == 6.5
    second.write_text("4000000\n")
    assert source.read() == 7.5


def test_counters_that_become_readable_are_found_later(tmp_path: Path) -> None:
    now = 0.0
    source = PackageEnergy(tmp_path, lambda: now)
    with pytest.raises(NotReportedError, match="no RAPL"):
        source.read()
    domain(tmp_path, "0", "package-0", 5)
    with pytest.raises(NotReportedError, match="no RAPL"):
        source.read()
    now = 60
    assert source.read() == 0


def test_a_counter_that_only_root_may_read_comes_with_advice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counter = domain(tmp_path, "0", "package-0", 0)
    expected = pytest.raises(NotReportedError, match=r"Permission denied: .*/energy_uj; .* run chmod a\+r /sys/class")
    with FaultyFiles(monkeypatch).broken(counter, Fault(errno.EACCES)), expected:
        PackageEnergy(tmp_path).read()


@pytest.mark.parametrize(
    ("content", "joules"),
    [
        ("900000000", 900),  # 900 J in a second is possible
        ("0", 0),  # a suspend resets the counter, which looks like a wrap of 800 kJ
        ("700000000000", 0),  # nor can this be
    ],
)
def test_an_impossible_step_starts_the_count_again(tmp_path: Path, content: str, joules: float) -> None:
    counter = domain(tmp_path, "0", "package-0", 200_000_000_000)
    (counter.parent / "max_energy_range_uj").write_text("1000000000000")
    source = PackageEnergy(tmp_path)
    assert source.read() == 0
    counter.write_text(str(int(content) + (200_000_000_000 if joules else 0)))
    assert source.read() == joules
