"""What firmware, kernel and device tree say in virtual machines, and on real ones with similar names."""

from pathlib import Path

import pytest

from sampler.inventory.firmware.hypervisor import hypervisor
from tests.support.machine.sysfs import write

X86, X86_VIRTUAL, ARM = "flags\t: fpu", "flags\t: fpu hypervisor", "Features\t: fp asimd\nCPU implementer\t: 0x41"


@pytest.mark.parametrize(
    ("cpu", "maker", "product", "name"),
    [
        (ARM, "QEMU", "QEMU Virtual Machine", "qemu"),
        (ARM, "QEMU", "KVM Virtual Machine", "kvm"),
        (ARM, "Red Hat", "KVM", "kvm"),
        (ARM, "VMware, Inc.", "VMware20,1", "vmware"),
        (ARM, "Microsoft Corporation", "Virtual Machine", "hyper-v"),
        (ARM, "Microsoft Corporation", "Surface Pro, 11th Edition", None),
        (ARM, "Parallels International GmbH.", "Parallels ARM Virtual Machine", "parallels"),
        (ARM, "Apple Inc.", "Apple Virtualization Generic Platform", "apple"),
        (ARM, "Amazon EC2", "m7g.large", "kvm"),
        (ARM, "Amazon EC2", "m7g.metal", None),
        (ARM, "Google", "Google Compute Engine", "kvm"),
        (ARM, "Google", "Kevin", None),
        (ARM, "Hetzner", "vServer", "hetzner"),
        (ARM, "OpenStack Foundation", "OpenStack Nova", "kvm"),
        (ARM, "innotek GmbH", "VirtualBox", "virtualbox"),
        (ARM, "Ampere(R)", "Mt.Jade", None),
        (ARM, "", "", None),
        (X86, "Microsoft Corporation", "Surface Laptop", None),
        (X86, "Amazon EC2", "c5.metal", None),
        (X86, "QEMU", "Standard PC (Q35 + ICH9, 2009)", "qemu"),  # the flag may be hidden from guests
        (X86_VIRTUAL, "Amazon EC2", "c5.large", "kvm"),
        (X86_VIRTUAL, "Google", "Google Compute Engine", "kvm"),
        (X86_VIRTUAL, "Xen", "HVM domU", "xen"),
        (X86_VIRTUAL, "BHYVE", "BHYVE", "bhyve"),
        (X86_VIRTUAL, "Alibaba Cloud", "Alibaba Cloud ECS", "kvm"),
        (X86_VIRTUAL, "Acme Cloud", "Standard", "acme cloud"),
        (X86_VIRTUAL, "", "", "unknown"),
        (X86_VIRTUAL, "To Be Filled By O.E.M.", "To Be Filled By O.E.M.", "unknown"),
        (X86_VIRTUAL, "System manufacturer", "Default string", "unknown"),
    ],
)
def test_the_firmware_names_it(tmp_path: Path, cpu: str, maker: str, product: str, name: str | None) -> None:
    write(tmp_path, proc__cpuinfo=cpu)
    write(tmp_path / "sys/class/dmi/id", sys_vendor=maker, product_name=product)
    assert hypervisor(tmp_path) == name


@pytest.mark.parametrize(
    ("file", "content", "name"),
    [
        ("proc/device-tree/hypervisor/compatible", "linux,kvm\0", "kvm"),
        ("proc/device-tree/hypervisor/compatible", "xen,xen-4.17\0xen,xen\0", "xen"),
        ("proc/device-tree/hypervisor/compatible", "acme,new\0", "unknown"),
        ("proc/device-tree/fw-cfg@9020000/compatible", "qemu,fw-cfg-mmio\0", "qemu"),
        ("proc/device-tree/compatible", "qemu,pseries\0", "qemu"),
        ("proc/device-tree/compatible", "linux,dummy-virt\0", "unknown"),
        ("proc/device-tree/compatible", "raspberrypi,5-model-b\0brcm,bcm2712\0", None),
        ("proc/sys/kernel/osrelease", "5.15.167.4-microsoft-standard-WSL2", "wsl"),
        ("proc/sys/kernel/osrelease", "6.12.1-arch1", None),
        ("sys/hypervisor/type", "xen", "xen"),
    ],
)
def test_boards_without_firmware_name_it_elsewhere(tmp_path: Path, file: str, content: str, name: str | None) -> None:
    write(tmp_path, proc__cpuinfo=ARM, **{file: content})
    assert hypervisor(tmp_path) == name


def test_xens_first_guest_has_the_real_hardware(tmp_path: Path) -> None:
    write(tmp_path, sys__hypervisor__type="xen", proc__xen__capabilities="control_d", proc__cpuinfo=X86)
    assert hypervisor(tmp_path) is None


@pytest.mark.parametrize(("bits", "name"), [(0x10, "acme"), (0x08, None)])
def test_smbios_says_if_an_arm_machine_is_virtual(tmp_path: Path, bits: int, name: str | None) -> None:
    write(tmp_path, proc__cpuinfo=ARM, sys__class__dmi__id__sys_vendor="Acme")
    folder = tmp_path / "sys/firmware/dmi/entries" / "0-0"
    folder.mkdir(parents=True)
    (folder / "raw").write_bytes(bytes(0x13) + bytes((bits, 0)))
    assert hypervisor(tmp_path) == name
