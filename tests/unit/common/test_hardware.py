import copy
from typing import Any

import pytest

from common import hardware

MACHINE: dict[str, Any] = {
    "cpu": {"model": "Ryzen 9", "cores": 16, "threads": 32, "frequency": 5000, "microcode": "0x1"},
    "gpu": [{"model": "RTX 4090", "driver": "550", "memory": 24, "vendor": "NVIDIA", "instances": []}],
    "ram": {"total": 64 << 30, "type": "DDR5", "frequency": 5600},
    "storage": {"type": "nvme", "size": 1000},
    "os": {"name": "Debian", "version": "13", "kernel": "6.12"},
    "bios": {"vendor": None, "version": "1", "date": None},
    "limits": {"cpus": None, "memory": None, "container": None, "hypervisor": None},
    "missing": {"cpu energy": "root only"},
}


def changed(part: str, name: str, value: object) -> dict[str, Any]:
    machine = copy.deepcopy(MACHINE)
    (machine[part][0] if part == "gpu" else machine[part])[name] = value
    return machine


@pytest.mark.parametrize(
    ("part", "name", "value"),
    [
        ("cpu", "model", "other"),
        ("cpu", "cores", 8),
        ("gpu", "model", "other"),
        ("gpu", "driver", "other"),
        ("gpu", "instances", [{"model": "1g", "memory": 5}]),
        ("ram", "total", 32 << 30),
        ("os", "kernel", "other"),
        ("limits", "cpus", 2.5),
        ("limits", "hypervisor", "kvm"),
    ],
)
def test_what_changes_a_measurement_makes_another_machine(part: str, name: str, value: object) -> None:
    assert hardware.fingerprint(changed(part, name, value)) != hardware.fingerprint(MACHINE)


@pytest.mark.parametrize(
    ("part", "name", "value"),
    [
        ("cpu", "frequency", 1),
        ("cpu", "microcode", "0x2"),
        ("storage", "size", 1),
        ("bios", "version", "2"),
        ("missing", "cpu energy", "else"),
        ("ram", "total", (64 << 30) - (300 << 20)),  # what a kernel keeps differs
        ("ram", "type", None),  # firmware tells root alone
    ],
)
def test_what_does_not_leaves_it_the_same(part: str, name: str, value: object) -> None:
    assert hardware.fingerprint(changed(part, name, value)) == hardware.fingerprint(MACHINE)


def test_its_parts_are_shown() -> None:
    assert hardware.parts(MACHINE) == {
        "cpu": {"model": "Ryzen 9", "cores": 16, "threads": 32},
        "gpu": [{"model": "RTX 4090", "memory": 24, "driver": "550", "instances": []}],
        "ram": 64 << 30,
        "kernel": "6.12",
        "limits": {"cpus": None, "memory": None, "container": None, "hypervisor": None},
    }


def test_the_order_of_the_parts_does_not_matter() -> None:
    turned = {part: MACHINE[part] for part in reversed(MACHINE)}
    assert hardware.fingerprint(turned) == hardware.fingerprint(MACHINE)
    assert len(hardware.fingerprint(MACHINE)) == 16


def test_the_text_names_what_a_person_looks_for() -> None:
    assert hardware.text(MACHINE) == "ryzen 9 rtx 4090 debian"


@pytest.mark.parametrize("machine", [{}, dict.fromkeys(MACHINE), {"cpu": {"model": None}, "gpu": [{"model": None}]}])
def test_a_machine_of_which_nothing_is_known_has_both(machine: dict[str, Any]) -> None:
    assert hardware.text(machine) == ""
    assert len(hardware.fingerprint(machine)) == 16
