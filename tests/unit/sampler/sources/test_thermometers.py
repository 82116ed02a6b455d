"""Sensors as drivers name them, each with the temperature that is the processor's."""

from pathlib import Path

import pytest

from sampler.sources.thermometers import Thermometers
from sampler.tolerant_read import NotReportedError
from tests.support.machine.sysfs import write

Sensors = dict[str, str | int]


def chip(name: str, **celsius: float) -> Sensors:
    """Return a chip with sensors by their labels. `_` stands for a blank, and is the label of one without a label."""
    found: Sensors = {"name": name}
    for number, (label, degrees) in enumerate(celsius.items(), start=1):
        found |= {f"temp{number}_input": round(1000 * degrees)}
        found |= {f"temp{number}_label": label.replace("_", " ")} if label != "_" else {}
    return found


def zone(kind: str, celsius: float) -> Sensors:
    return {"type": kind, "temp": round(1000 * celsius)}


def thermometers(root: Path, *found: Sensors) -> Thermometers:
    for number, files in enumerate(found):
        write(
            root / "sys/class" / (f"thermal/thermal_zone{number}" if "type" in files else f"hwmon/hwmon{number}"),
            **files,
        )
    return Thermometers(root)


NVME = chip("nvme", Composite=90)
ACPI = zone("acpitz", 27.8)


@pytest.mark.parametrize(
    ("found", "celsius"),
    [
        ([NVME, chip("coretemp", Package_id_0=51, Core_0=70), chip("coretemp", Package_id_1=62, Core_0=75)], 62),
        ([chip("coretemp", Core_0=40, Core_1=43)], 43),  # Atom
        ([chip("k10temp", Tctl=70.5, Tccd1=80)], 70.5),
        ([chip("k10temp", Tctl=87, Tdie=60)], 60),
        ([chip("zenpower", Tdie=55, Tctl=75)], 55),
        ([NVME, chip("cpu_thermal", _=48.312)], 48.312),
        ([chip("soc_thermal", _=46), chip("gpu_thermal", _=50)], 46),
        ([chip("bigcore0_thermal", _=52), chip("littlecore_thermal", _=44), chip("npu_thermal", _=60)], 52),
        ([chip("scpi_sensors", soc=41, pmic=60)], 41),
        ([chip("macsmc_hwmon", SSD=30, CPU_P_cores=45)], 45),
        ([chip("thinkpad", CPU=50, GPU=66)], 50),
        ([chip("nct6775", SYSTIN=35, CPUTIN=44)], 44),
        ([ACPI, zone("x86_pkg_temp", 58)], 58),
        ([zone("CPU-therm", 39), zone("GPU-therm", 60)], 39),
        ([zone("cpu-thermal", 0.041)], 41),  # degrees, by an old driver
        ([NVME, ACPI], 27.8),
        ([chip("coretemp", Package_id_0=51), chip("coretemp", Package_id_1=-128)], 51),
        ([chip("k10temp", Tctl=255), zone("x86_pkg_temp", 58)], 58),
    ],
)
def test_the_warmest_package_counts(tmp_path: Path, found: list[Sensors], celsius: float) -> None:
    assert thermometers(tmp_path, *found).warmest() == celsius


@pytest.mark.parametrize("placeholder", [0, -128, 127, 255, 65_535])
def test_a_placeholder_is_no_temperature(tmp_path: Path, placeholder: int) -> None:
    with pytest.raises(ValueError, match="no running processor"):
        thermometers(tmp_path, chip("k10temp", Tctl=placeholder)).warmest()


def test_other_sensors_are_not_the_processors(tmp_path: Path) -> None:
    with pytest.raises(NotReportedError, match="no CPU sensor"):
        thermometers(tmp_path, NVME, chip("asus", CPU_VRM=70), chip("gpu_thermal", _=50)).warmest()
