"""The hypervisor of a virtual machine. Sources: as `systemd-detect-virt`, which asks the firmware (DMI) first.

A processor's own answer is the flag `hypervisor` of x86. ARM has none, so there only the firmware or the device
tree shows it.
"""

import re
from pathlib import Path

from sampler.inventory.firmware.dmi import dmi
from sampler.inventory.processor.cpuinfo import cpuinfo
from sampler.sources.kernel_file import content, entries, text

DMI_FILES = ("product_name", "sys_vendor", "board_vendor", "bios_vendor", "product_version")

NAMES = {
    "kvm": "kvm",
    "rhev": "kvm",
    "openstack": "kvm",
    "kubevirt": "kvm",
    "alibaba cloud ecs": "kvm",
    "ahv": "kvm",
    "amazon ec2": "kvm",
    "google compute engine": "kvm",
    "qemu": "qemu",
    "bochs": "bochs",
    "vmware": "vmware",
    "vmw": "vmware",
    "innotek gmbh": "virtualbox",
    "virtualbox": "virtualbox",
    "hyper-v": "hyper-v",
    "virtual machine": "hyper-v",
    "parallels": "parallels",
    "xen": "xen",
    "bhyve": "bhyve",
    "apple virtualization": "apple",
    "firecracker": "firecracker",
    "cloud hypervisor": "cloud-hypervisor",
}
"""Hypervisors by the beginning of a line of a virtual machine's firmware."""
CLOUDS = ("amazon ec2", "google compute engine")
"""Clouds that rent real machines under the same name. What they call those says `metal`."""
MAKERS = {"microsoft corporation": "hyper-v", "google": "kvm"}
"""Hypervisors of makers who also make real machines."""
VIRTUAL_PRODUCT = re.compile(r"\bvirtual\b|vserver|\bvm\b|\bvps\b|droplet", re.IGNORECASE)

TREE = "proc/device-tree"
TREE_NAMES = {"linux,kvm": "kvm", "xen": "xen", "vmware": "vmware", "qemu": "qemu", "microsoft": "hyper-v"}
"""Hypervisors by the beginning of the text of the device tree's node."""
VIRTUAL_BOARDS = {"qemu": "qemu", "riscv-virtio": "qemu", "linux,dummy-virt": "unknown", "xen,xenvm": "xen"}
"""Hypervisors by the beginning of the name of the device tree's board."""

CHARACTERISTICS, IS_VIRTUAL = 0x13, 1 << 4
"""SMBIOS 3.7, 7.1: the byte of the BIOS's structure that says whether the machine is virtual."""


def hypervisor(root: Path) -> str | None:
    """Return the hypervisor's name, `unknown` if it has none, or None on a real machine."""
    return _xen(root) or _wsl(root) or _by_firmware(root) or _by_device_tree(root)


def _xen(root: Path) -> str | None:
    """Return Xen, unless this is its first guest (dom0), which has the real hardware."""
    found = text(root / "sys/hypervisor/type")
    controls = "control_d" in (text(root / "proc/xen/capabilities") or "")
    return None if controls else found


def _wsl(root: Path) -> str | None:
    return "wsl" if "microsoft" in (text(root / "proc/sys/kernel/osrelease") or "").lower() else None


def _by_firmware(root: Path) -> str | None:
    product, maker, *others = ((dmi(root, name) or "").lower() for name in DMI_FILES)
    flags = cpuinfo(root).get("flags")
    flagged = None if flags is None else "hypervisor" in flags.split()
    name = next((begin for line in (product, maker, *others) for begin in NAMES if line.startswith(begin)), None)
    if name in CLOUDS and (flagged is False or "metal" in product):
        return None
    if name:
        return NAMES[name]
    if flagged is None:
        flagged = bool(VIRTUAL_PRODUCT.search(product)) or _says_virtual(root)
    return (MAKERS.get(maker) or maker or "unknown") if flagged else None


def _says_virtual(root: Path) -> bool:
    """Return whether SMBIOS says that the machine is virtual. Only root can read it."""
    try:
        structure = content(root / "sys/firmware/dmi/entries/0-0/raw")
    except OSError:
        return False
    return len(structure) > CHARACTERISTICS and bool(structure[CHARACTERISTICS] & IS_VIRTUAL)


def _by_device_tree(root: Path) -> str | None:
    """Return the hypervisor that a board without DMI names. QEMU also has a device `fw-cfg`."""
    node, board = (text(root / TREE / name) for name in ("hypervisor/compatible", "compatible"))
    if node:
        return _beginning(TREE_NAMES, node) or "unknown"
    if entries(root / TREE, "fw-cfg"):
        return "qemu"
    return _beginning(VIRTUAL_BOARDS, board or "")


def _beginning(names: dict[str, str], found: str) -> str | None:
    return next((name for begin, name in names.items() if found.startswith(begin)), None)
