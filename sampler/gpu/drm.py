"""A card in /sys/class/drm, where AMD's and Intel's drivers report: a PCI device with sensors (hwmon).

https://docs.kernel.org/gpu/amdgpu/thermal.html, https://docs.kernel.org/gpu/drm-usage-stats.html
"""

import re
from collections.abc import Iterator
from pathlib import Path

from sampler.sources.kernel_file import number, text

GENERATIONS = {"2.5": 1, "5.0": 2, "8.0": 3, "16.0": 4, "32.0": 5, "64.0": 6}
"""PCIe generation by the link's speed in GT/s."""

PCI_IDS = ("usr/share/hwdata/pci.ids", "usr/share/misc/pci.ids")


class Card:
    """One card. Every read returns None if the file is missing, not readable or returns an error."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.device = directory / "device"
        self._sensors = sorted((self.device / "hwmon").glob("hwmon*"))

    @property
    def vendor_id(self) -> str | None:
        return text(self.device / "vendor")

    @property
    def address(self) -> str | None:
        """Address on the PCI bus, such as 0000:03:00.0."""
        return self._event("PCI_SLOT_NAME")

    @property
    def driver(self) -> str | None:
        return self._event("DRIVER")

    def sensor(self, *names: str) -> int | None:
        """Return the first readable file of these names, in hwmon's unit: millionths, or thousandths of a degree."""
        found = (number(sensors / name) for sensors in self._sensors for name in names)
        return next((value for value in found if value is not None), None)

    def labelled(self, kind: str, label: str) -> int | None:
        """Return the value of the sensor of a kind (temp, freq) with this label."""
        for sensors in self._sensors:
            for file in sensors.glob(f"{kind}*_label"):
                if text(file) == label:
                    return number(file.with_name(file.name.replace("_label", "_input")))
        return None

    def temperature(self, label: str) -> float | None:
        """Return degrees Celsius, from the sensor with this label or else from the first sensor."""
        labelled = self.labelled("temp", label)
        return scaled(self.sensor("temp1_input") if labelled is None else labelled, 1000)

    def link(self) -> tuple[int | None, int | None]:
        """Return the current PCIe generation and number of lanes."""
        speed = (text(self.device / "current_link_speed") or "").split(" ")[0]
        return GENERATIONS.get(speed), number(self.device / "current_link_width")

    def model(self, maker: str, root: Path) -> str:
        """Return the name from the firmware, else from the list of PCI ids, else the device's number."""
        product = text(self.device / "product_name")
        device = (text(self.device / "device") or "").removeprefix("0x")
        vendor = (self.vendor_id or "").removeprefix("0x")
        return product or _listed_name(root, vendor, device) or f"{maker} GPU {device}".strip()

    def _event(self, name: str) -> str | None:
        found = re.search(rf"^{name}=(.+)$", text(self.device / "uevent") or "", re.MULTILINE)
        return found and found[1]


def cards(root: Path, vendor_id: str) -> list[Card]:
    """Return one vendor's cards in the kernel's order, without the connectors (`card0-DP-1`)."""
    found = [Card(path) for path in (root / "sys/class/drm").glob("card*") if path.name[4:].isdecimal()]
    return sorted(
        (card for card in found if card.vendor_id == vendor_id), key=lambda card: int(card.directory.name[4:])
    )


def scaled(value: int | None, parts: float) -> float | None:
    """Convert a hwmon number, which counts in millionths or thousandths, to the whole unit."""
    return None if value is None else value / parts


def _listed_name(root: Path, vendor: str, number: str) -> str | None:
    file = next((root / path for path in PCI_IDS if (root / path).is_file()), None)
    return next(_devices(file, vendor, number), None) if file and vendor and number else None


def _devices(file: Path, vendor: str, number: str) -> Iterator[str]:
    """Yield the vendor's device of this number. Vendors begin a line, and their devices follow behind a tab."""
    inside = False
    for line in file.read_text(errors="replace").splitlines():
        if line and not line.startswith(("\t", "#")):
            inside = line.startswith(f"{vendor}  ")
        elif inside and line.startswith(f"\t{number}  "):
            yield line.split("  ", 1)[1]
