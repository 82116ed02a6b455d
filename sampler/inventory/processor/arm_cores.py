"""Names of ARM's cores, which /proc/cpuinfo gives as numbers. Source: MIDR_EL1, as lscpu lists its values."""

from pathlib import Path

from sampler.inventory.processor.cpuinfo import pairs

MAKERS = {"0x41": "ARM", "0x4e": "NVIDIA", "0x51": "Qualcomm", "0x61": "Apple", "0xc0": "Ampere", "0x48": "HiSilicon"}
CORES = {
    ("0x41", "0xd03"): "Cortex-A53",
    ("0x41", "0xd05"): "Cortex-A55",
    ("0x41", "0xd07"): "Cortex-A57",
    ("0x41", "0xd08"): "Cortex-A72",
    ("0x41", "0xd09"): "Cortex-A73",
    ("0x41", "0xd0a"): "Cortex-A75",
    ("0x41", "0xd0b"): "Cortex-A76",
    ("0x41", "0xd0c"): "Neoverse-N1",
    ("0x41", "0xd40"): "Neoverse-V1",
    ("0x41", "0xd41"): "Cortex-A78",
    ("0x41", "0xd42"): "Cortex-A78AE",
    ("0x41", "0xd46"): "Cortex-A510",
    ("0x41", "0xd47"): "Cortex-A710",
    ("0x41", "0xd49"): "Neoverse-N2",
    ("0x41", "0xd4f"): "Neoverse-V2",
    ("0x41", "0xd80"): "Cortex-A520",
    ("0x41", "0xd81"): "Cortex-A720",
    ("0x41", "0xd85"): "Cortex-X925",
    ("0x41", "0xd87"): "Cortex-A725",
    ("0x4e", "0x004"): "Carmel",
    ("0x51", "0x001"): "Oryon",
    ("0x61", "0x022"): "Icestorm",
    ("0x61", "0x023"): "Firestorm",
    ("0xc0", "0xac3"): "AmpereOne",
}
"""Cores by maker and part. Others are named by both numbers."""


def cores(root: Path) -> str | None:
    """Return the kinds of cores, such as `ARM Cortex-A55 + Cortex-A76`, or None if /proc/cpuinfo has no numbers."""
    lines = pairs(root)
    makers = [value.lower() for name, value in lines if name == "CPU implementer"]
    parts = [value.lower() for name, value in lines if name == "CPU part"]
    kinds = dict.fromkeys(zip(makers, parts, strict=False))
    if not kinds:
        return None
    names = " + ".join(CORES.get(kind, f"part {kind[1]}") for kind in kinds)
    return f"{MAKERS.get(makers[0], f'ARM maker {makers[0]}')} {names}"
