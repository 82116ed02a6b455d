import errno
from pathlib import Path

import pytest

from sampler.gpu.sysfs.amd import AmdGpus
from sampler.readings import GpuReading
from tests.support.machine.faults_of_files import Fault, FaultyFiles
from tests.support.machine.sysfs import card, client, write

OLLAMA = 4711


def radeon(root: Path, number: int = 0) -> Path:
    device = card(
        root,
        number,
        "0x1002",
        "amdgpu",
        device="0x744c",
        gpu_busy_percent=97,
        mem_info_vram_total=24 << 30,
        mem_info_vram_used=5 << 30,
        current_link_speed="16.0 GT/s PCIe",
        current_link_width=8,
    )
    write(
        device / "hwmon/hwmon3",
        power1_average=301_000_000,
        temp1_input=55_000,
        temp1_label="edge",
        temp2_input=70_000,
        temp2_label="junction",
        temp3_input=82_000,
        temp3_label="mem",
        freq1_input=2_495_000_000,
        freq1_label="sclk",
        freq2_input=1_249_000_000,
        freq2_label="mclk",
    )
    return device


def read(root: Path, *ollama: int) -> GpuReading:
    (reading,) = AmdGpus(root).read(ollama)
    return reading


def test_a_reading_has_the_documented_units(tmp_path: Path) -> None:
    write(radeon(tmp_path) / "hwmon/hwmon3", energy1_input=7_500_000)
    client(tmp_path, OLLAMA, 9, "0000:00:00.0", 1, drm_memory_vram="1024 KiB")
    assert read(tmp_path, OLLAMA) == GpuReading(
        index=0,
        name="AMD GPU 744c",
        utilization=97,
        memory_used=5 << 30,
        memory_total=24 << 30,
        memory_ollama=1 << 20,
        power=301,
        energy=7.5,
        temperature=55,
        sm_clock=2495,
        memory_clock=1249,
        memory_temperature=82,
        pcie_generation=4,
        pcie_width=8,
        vendor="AMD",
    )


def test_missing_files_give_null_and_a_reason(tmp_path: Path) -> None:
    card(tmp_path, 0, "0x1002", "amdgpu", device="0x1638", mem_info_vram_total=1 << 30)
    known = {name for name, value in vars(read(tmp_path)).items() if value is not None}
    assert known == {"index", "name", "memory_total", "vendor"}
    assert AmdGpus(tmp_path).missing()["gpu 0 utilization"] == "its driver does not report it in sysfs"


def test_newer_cards_name_their_power_file_differently(tmp_path: Path) -> None:
    sensors = radeon(tmp_path) / "hwmon/hwmon3"
    (sensors / "power1_average").rename(sensors / "power1_input")
    assert read(tmp_path).power == 301


@pytest.mark.parametrize("content", ["", "unknown", "\udcff"])
def test_an_invalid_file_loses_only_its_own_value(tmp_path: Path, content: str) -> None:
    (radeon(tmp_path) / "gpu_busy_percent").write_bytes(content.encode(errors="surrogateescape"))
    reading = read(tmp_path)
    assert (reading.utilization, reading.power) == (None, 301)


def test_each_client_of_ollamas_processes_counts_once(tmp_path: Path) -> None:
    radeon(tmp_path)
    client(tmp_path, OLLAMA, 9, "0000:00:00.0", 1, drm_resident_vram="1 MiB", drm_memory_vram="9 MiB")
    client(tmp_path, OLLAMA, 10, "0000:00:00.0", 1, drm_resident_vram="1 MiB")
    client(tmp_path, OLLAMA, 11, "0000:07:00.0", 2, drm_resident_vram="4 MiB")
    client(tmp_path, OLLAMA + 1, 5, "0000:00:00.0", 3, drm_resident_vram="512 KiB")
    assert read(tmp_path, OLLAMA, OLLAMA + 1, 99).memory_ollama == 3 << 19


def test_memory_is_unknown_if_ollama_is_not_visible_or_another_users(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    radeon(tmp_path)
    client(tmp_path, OLLAMA, 9, "0000:00:00.0", 1, drm_memory_vram="1 MiB")
    assert read(tmp_path).memory_ollama is None
    assert read(tmp_path, OLLAMA + 1).memory_ollama is None

    with FaultyFiles(monkeypatch).broken(tmp_path / f"proc/{OLLAMA}/fdinfo", Fault(errno.EACCES)):
        assert read(tmp_path, OLLAMA).memory_ollama is None


def test_system_memory_does_not_count_as_video_memory(tmp_path: Path) -> None:
    radeon(tmp_path)
    client(tmp_path, OLLAMA, 9, "0000:00:00.0", 1, drm_memory_vram="1 MiB", drm_memory_gtt="2 MiB")
    assert read(tmp_path, OLLAMA).memory_ollama is None


def test_a_name_comes_from_the_firmware_else_from_the_pci_list(tmp_path: Path) -> None:
    device = radeon(tmp_path)
    (tmp_path / "usr/share/hwdata").mkdir(parents=True)
    names = "# list\n1001  Other\n\t744c  Wrong\n1002  AMD/ATI\n\t744b  Near\n\t744c  Navi 31 [RX 7900]\n\t\t1 2  Sub\n"
    (tmp_path / "usr/share/hwdata/pci.ids").write_text(names)
    assert read(tmp_path).name == "Navi 31 [RX 7900]"
    write(device, product_name="Radeon PRO W7900")
    assert read(tmp_path).name == "Radeon PRO W7900"


def test_several_cards_are_numbered_and_listed_in_the_inventory(tmp_path: Path) -> None:
    radeon(tmp_path, 10)
    radeon(tmp_path, 2)
    write(tmp_path / "sys/module/amdgpu", version="6.12.12")
    gpus = AmdGpus(tmp_path, first=1)
    assert [gpu.index for gpu in gpus.read(())] == [1, 2]
    assert gpus.inventory()[0] == {
        "model": "AMD GPU 744c",
        "driver": "amdgpu 6.12.12",
        "memory": 24 << 30,
        "shared": 0,
        "vendor": "AMD",
        "instances": [],
    }


def test_a_card_that_vanishes_reads_null(tmp_path: Path) -> None:
    device = radeon(tmp_path)
    gpus = AmdGpus(tmp_path)
    device.rename(device.with_name("gone"))
    (reading,) = gpus.read(())
    assert (reading.name, reading.power) == ("AMD GPU 744c", None)


GIB, MIB = 1 << 30, 1 << 20


def metrics(revision: int) -> bytes:
    """Return the head of the driver's metrics in the format of a card (1) or of a GPU inside the processor (2, 3)."""
    return bytes((136, 0, revision, 4)) + bytes(132)


@pytest.mark.parametrize(
    ("own", "shared", "revision", "sensors", "usable"),
    [
        (512 * MIB, 15 * GIB, None, {}, 15 * GIB + 512 * MIB),
        (512 * MIB, 15 * GIB, 2, {}, 15 * GIB + 512 * MIB),
        (64 * GIB, 31 * GIB, 3, {}, 95 * GIB),  # a large carve-out
        (64 * GIB, 31 * GIB, None, {"in1_label": "vddnb", "in1_input": 700}, 95 * GIB),
        (4 * GIB, 15 * GIB, None, {}, 19 * GIB),
        (4 * GIB, 15 * GIB, None, {"freq2_input": 1_000_000}, 4 * GIB),  # a small card in a large machine
        (4 * GIB, 15 * GIB, 1, {}, 4 * GIB),
        (24 * GIB, 15 * GIB, None, {}, 24 * GIB),
    ],
)
def test_a_gpu_inside_the_processor_uses_the_machines_memory(  # noqa: PLR0913, PLR0917 - the columns of a table
    tmp_path: Path, own: int, shared: int, revision: int | None, sensors: dict[str, str | int], usable: int
) -> None:
    total: dict[str, str | int] = {"mem_info_vram_total": own, "mem_info_gtt_total": shared}
    used: dict[str, str | int] = {"mem_info_vram_used": 256 * MIB, "mem_info_gtt_used": 7 * GIB}
    device = card(tmp_path, 0, "0x1002", "amdgpu", device="0x1900", **total, **used)
    write(device / "hwmon/hwmon3", freq1_input=800_000_000, **sensors)
    if revision is not None:
        (device / "gpu_metrics").write_bytes(metrics(revision))
    client(tmp_path, OLLAMA, 9, "0000:00:00.0", 1, drm_memory_vram="1 MiB", drm_memory_gtt="7168 MiB")
    reading, (inventory,) = read(tmp_path, OLLAMA), AmdGpus(tmp_path).inventory()
    is_shared = usable > own
    assert (reading.memory_total, inventory["memory"], inventory["shared"]) == (usable, usable, usable - own)
    assert reading.memory_used == 256 * MIB + is_shared * 7 * GIB
    assert reading.memory_ollama == (MIB + 7 * GIB if is_shared else None)


def test_each_of_two_ollamas_has_its_own_memory(tmp_path: Path) -> None:
    radeon(tmp_path)
    client(tmp_path, OLLAMA, 9, "0000:00:00.0", 1, drm_memory_vram="1024 KiB")
    client(tmp_path, OLLAMA + 1, 9, "0000:00:00.0", 2, drm_memory_vram="512 KiB")
    now = 0.0
    gpus = AmdGpus(tmp_path, clock=lambda: now)
    for now in (0.0, 0.1, 1.1):  # noqa: B007 - read by the clock
        readings = gpus.read([OLLAMA])
        others = gpus.attributed(readings, [OLLAMA + 1])
        assert [each.memory_ollama for each in (*readings, *others)] == [1 << 20, 1 << 19]
