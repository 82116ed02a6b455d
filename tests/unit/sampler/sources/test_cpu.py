from pathlib import Path

import psutil

from sampler.sources.cpu import CpuSource


def sensor(root: Path, number: int, driver: str, millidegrees: int) -> Path:
    directory = root / f"sys/class/hwmon/hwmon{number}"
    directory.mkdir(parents=True)
    (directory / "name").write_text(f"{driver}\n")
    (directory / "temp1_input").write_text(f"{millidegrees}\n")
    return directory / "temp1_input"


def test_the_total_is_the_mean_of_the_cores(tmp_path: Path) -> None:
    source = CpuSource(tmp_path)
    sum(range(2_000_000))
    reading = source.read()
    cores = [core for core in reading.per_core or () if core is not None]
    assert len(cores) == psutil.cpu_count()
    assert all(0 <= core <= 100 for core in cores)
    assert reading.percent == round(sum(cores) / len(cores), 2)
    assert reading.frequency is None or reading.frequency > 0


def test_the_temperature_is_the_warmest_packages(tmp_path: Path) -> None:
    sensor(tmp_path, 0, "nvme", 90_000)
    sensor(tmp_path, 1, "coretemp", 51_000)
    sensor(tmp_path, 2, "coretemp", 62_500)
    assert CpuSource(tmp_path).read().temperature == 62.5


def test_a_sensor_that_vanishes_loses_only_the_temperature(tmp_path: Path) -> None:
    time = 0.0
    file = sensor(tmp_path, 0, "k10temp", 40_000)
    source = CpuSource(tmp_path, clock=lambda: time)
    assert source.read().temperature == 40
    file.unlink()
    time = 5
    source.prepare()
    reading = source.read()
    assert (reading.temperature, len(reading.per_core or ())) == (None, psutil.cpu_count())


def test_no_sensor_is_unknown(tmp_path: Path) -> None:
    assert CpuSource(tmp_path).read().temperature is None
