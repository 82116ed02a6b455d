"""Trees of /sys and /proc as the drivers of AMD and Intel create them."""

from pathlib import Path


def write(folder: Path, **files: str | int) -> None:
    """Write files; `a__b` is the file b in the folder a."""
    for name, content in files.items():
        file = folder / name.replace("__", "/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{content}\n")


def card(root: Path, number: int, vendor: str, driver: str, **device: str | int) -> Path:
    """Create a card and return the folder of its device."""
    folder = root / f"sys/class/drm/card{number}/device"
    address = f"0000:0{number}:00.0"
    write(folder, vendor=vendor, uevent=f"DRIVER={driver}\nPCI_SLOT_NAME={address}\nMODALIAS=pci:v", **device)
    (root / f"sys/class/drm/card{number}-DP-1").mkdir()
    return folder


def client(root: Path, pid: int, number: int, address: str, client: int, **memory: str) -> None:
    """Create the fdinfo of a process's open GPU file, with the memory that it holds there."""
    lines = [f"pos:\t0\ndrm-driver:\tamdgpu\ndrm-client-id:\t{client}\ndrm-pdev:\t{address}"]
    lines += [f"{name.replace('_', '-')}:\t{size}" for name, size in memory.items()]
    write(root / f"proc/{pid}/fdinfo", **{str(number): "\n".join(lines)})
