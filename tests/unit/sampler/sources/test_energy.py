from pathlib import Path

from sampler.sources.energy import PackageEnergy


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


def test_no_powercap_is_unknown(tmp_path: Path) -> None:
    assert PackageEnergy(tmp_path).read() is None


def test_an_unreadable_counter_is_unknown(tmp_path: Path) -> None:
    counter = domain(tmp_path, "0", "package-0", 0)
    counter.unlink()
    counter.mkdir()  # permissions would not stop root; reading a directory fails for everyone
    assert PackageEnergy(tmp_path).read() is None
