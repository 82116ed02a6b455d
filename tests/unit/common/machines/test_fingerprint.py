import copy
from typing import Any

import pytest

from common.machines import fingerprint

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


def test_the_digest_changes_with_values_and_not_with_reasons() -> None:
    before = fingerprint.digest(MACHINE)
    assert fingerprint.digest(changed("bios", "version", "2")) != before
    assert fingerprint.digest(changed("missing", "bios vendor", "Interrupted system call")) == before


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
def test_parts_that_affect_measurements_change_the_fingerprint(part: str, name: str, value: object) -> None:
    assert fingerprint.fingerprint(changed(part, name, value)) != fingerprint.fingerprint(MACHINE)


@pytest.mark.parametrize(
    ("part", "name", "value"),
    [
        ("cpu", "frequency", 1),
        ("cpu", "microcode", "0x2"),
        ("storage", "size", 1),
        ("bios", "version", "2"),
        ("missing", "cpu energy", "else"),
        ("ram", "total", (64 << 30) - (300 << 20)),  # the kernel reserves a different part at each start
        ("ram", "type", None),  # only root can read it
    ],
)
def test_other_parts_do_not_change_the_fingerprint(part: str, name: str, value: object) -> None:
    assert fingerprint.fingerprint(changed(part, name, value)) == fingerprint.fingerprint(MACHINE)


def test_the_parts_of_the_fingerprint() -> None:
    assert fingerprint.parts(MACHINE) == {
        "cpu": {"model": "Ryzen 9", "cores": 16, "threads": 32},
        "gpu": [{"model": "RTX 4090", "memory": 24, "driver": "550", "instances": []}],
        "ram": 64 << 30,
        "kernel": "6.12",
        "limits": {"cpus": None, "memory": None, "container": None, "hypervisor": None},
    }


def test_memory_that_a_gpu_shares_is_not_its_own() -> None:
    shared = copy.deepcopy(MACHINE)
    shared["gpu"][0] |= {"memory": 24 + 900, "shared": 900}
    assert fingerprint.fingerprint(shared) == fingerprint.fingerprint(MACHINE)


def test_the_order_of_the_parts_does_not_matter() -> None:
    reversed_ = {part: MACHINE[part] for part in reversed(MACHINE)}
    assert fingerprint.fingerprint(reversed_) == fingerprint.fingerprint(MACHINE)
    assert len(fingerprint.fingerprint(MACHINE)) == 16


def test_the_text_has_the_names_to_search_for() -> None:
    assert fingerprint.text(MACHINE) == "ryzen 9 rtx 4090 debian"


@pytest.mark.parametrize("machine", [{}, dict.fromkeys(MACHINE), {"cpu": {"model": None}, "gpu": [{"model": None}]}])
def test_an_unknown_machine_has_a_text_and_a_fingerprint(machine: dict[str, Any]) -> None:
    assert fingerprint.text(machine) == ""
    assert len(fingerprint.fingerprint(machine)) == 16
