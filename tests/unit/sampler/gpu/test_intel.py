from pathlib import Path

from sampler.gpu.sysfs.intel import IntelGpus
from sampler.readings import GpuReading
from tests.support.machine.sysfs import card, client, write

OLLAMA = 4711


def arc(root: Path, driver: str = "xe") -> Path:
    device = card(root, 0, "0x8086", driver, device="0xe20b", current_link_speed="2.5 GT/s PCIe", current_link_width=1)
    write(device / "hwmon/hwmon1", energy1_input=1_500_000)
    return device


def read(root: Path, *ollama: int) -> GpuReading:
    (reading,) = IntelGpus(root).read(ollama)
    return reading


def test_xe_reports_energy_temperatures_clock_and_memory(tmp_path: Path) -> None:
    device = arc(tmp_path)
    write(
        device,
        tile0__physical_vram_size_bytes="0x300000000",
        tile0__gt0__freq0__act_freq=2850,
        hwmon__hwmon1__temp2_label="pkg",
        hwmon__hwmon1__temp2_input=48_000,
        hwmon__hwmon1__temp3_label="vram",
        hwmon__hwmon1__temp3_input=60_000,
    )
    client(tmp_path, OLLAMA, 3, "0000:00:00.0", 1, drm_total_vram0="2 MiB")
    assert read(tmp_path, OLLAMA) == GpuReading(
        index=0,
        name="Intel GPU e20b",
        memory_total=12 << 30,
        memory_ollama=2 << 20,
        energy=1.5,
        temperature=48,
        sm_clock=2850,
        memory_temperature=60,
        pcie_generation=1,
        pcie_width=1,
        vendor="Intel",
    )
    assert IntelGpus(tmp_path).inventory()[0]["memory"] == 12 << 30
    assert {"gpu 0 utilization", "gpu 0 power", "gpu 0 memory used"} <= set(IntelGpus(tmp_path).missing())


def test_i915_reports_its_clock_in_other_files(tmp_path: Path) -> None:
    card_folder = arc(tmp_path, "i915").parent
    write(card_folder, gt_act_freq_mhz=0, gt_cur_freq_mhz=300)
    assert read(tmp_path).sm_clock == 0
    write(card_folder, gt__gt0__rps_act_freq_mhz=2400)
    assert read(tmp_path).sm_clock == 2400


def test_a_gpu_inside_the_processor_may_use_all_of_the_machines_memory(tmp_path: Path) -> None:
    write(tmp_path, proc__meminfo="MemTotal:       16777216 kB")
    write(card(tmp_path, 0, "0x8086", "i915", device="0x46a6").parent, gt_act_freq_mhz=300)
    client(tmp_path, OLLAMA, 3, "0000:00:00.0", 1, drm_resident_system0="7 GiB")
    gpus = IntelGpus(tmp_path, integrated=True)
    ((reading,), (inventory,)) = gpus.read([OLLAMA]), gpus.inventory()
    assert (reading.memory_total, reading.memory_used, reading.memory_ollama) == (16 << 30, None, 7 << 30)
    assert (inventory["memory"], inventory["shared"]) == (16 << 30, 16 << 30)
    assert gpus.missing()["gpu 0 memory used"] == "its driver does not report it in sysfs"


def test_a_gpu_inside_the_processor_is_left_out_with_a_reason(tmp_path: Path) -> None:
    write(card(tmp_path, 0, "0x8086", "i915", device="0x46a6").parent, gt_act_freq_mhz=300)
    gpus = IntelGpus(tmp_path)
    assert (gpus.read(()), gpus.inventory()) == ((), [])
    assert gpus.missing() == {"gpu Intel GPU 46a6": "inside the processor: it reports no load or memory"}
