"""A card in /sys/class/drm, where AMD's and Intel's drivers report: a PCI device with sensors (hwmon).

https://docs.kernel.org/gpu/amdgpu/thermal.html, https://docs.kernel.org/gpu/drm-usage-stats.html
"""

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from sampler.printable import printable
from sampler.sources import alternatives
from sampler.sources.kernel_file import entries, exists, number, text
from sampler.tolerant_read import TolerantReads

GENERATIONS = {"2.5": 1, "5.0": 2, "8.0": 3, "16.0": 4, "32.0": 5, "64.0": 6}
"""PCIe generation by the link's speed in GT/s."""

PCI_IDS = ("usr/share/hwdata/pci.ids", "usr/share/misc/pci.ids")


class Card:
    """One card. Every read returns None if the file is missing.

    Raises:
        OSError, ValueError: from every read, if the file is not readable, returns an error or holds something else.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.device = directory / "device"
        self._sensors = entries(self.device / "hwmon", "hwmon")

    @property
    def vendor_id(self) -> str | None:
        return text(self.device / "vendor")

    @property
    def address(self) -> str | None:
        """Address on the PCI bus, such as 0000:03:00.0."""
        return self._event("PCI_SLOT_NAME")

    @property
    def driver(self) -> str | None:
        name = self._event("DRIVER")
        return name and printable(name)

    def sensor(self, *names: str) -> int | None:
        """Return the first readable file of these names, in hwmon's unit: millionths, or thousandths of a degree."""
        return alternatives.first(number, (sensors / name for sensors in self._sensors for name in names))

    def labelled(self, kind: str, label: str) -> int | None:
        """Return the value of the sensor of a kind (temp, freq) with this label."""
        return alternatives.first(
            lambda file: number(_input(file)) if text(file) == label else None,
            (file for sensors in self._sensors for file in entries(sensors, rf"{kind}\d+_label$")),
        )

    def temperature(self, label: str) -> float | None:
        """Return degrees Celsius, from the sensor with this label or else from the first sensor."""
        labelled = self.labelled("temp", label)
        return scaled(self.sensor("temp1_input") if labelled is None else labelled, 1000)

    def generation(self) -> int | None:
        """Return the current generation of the PCIe link."""
        return GENERATIONS.get((text(self.device / "current_link_speed") or "").split(" ")[0])

    def width(self) -> int | None:
        """Return the current number of lanes of the PCIe link."""
        return number(self.device / "current_link_width")

    def model(self, maker: str, root: Path) -> str:
        """Return the name from the firmware, else from the list of PCI ids, else the device's number."""
        device = (text(self.device / "device") or "").removeprefix("0x")
        vendor = (self.vendor_id or "").removeprefix("0x")
        product = text(self.device / "product_name")
        return printable(product or _listed_name(root, vendor, device) or f"{maker} GPU {device}".strip())

    def _event(self, name: str) -> str | None:
        found = re.search(rf"^{name}=(.+)$", text(self.device / "uevent") or "", re.MULTILINE)
        return found and found[1]


def cards(root: Path, vendor_id: str, reads: TolerantReads) -> list[Card]:
    """Return one vendor's cards in the kernel's order, without the connectors (`card0-DP-1`)."""
    folders = sorted(entries(root / "sys/class/drm", r"card\d+$"), key=lambda path: int(path.name[4:]))
    found = [reads.read(path.name, partial(_card_of, vendor_id, path)) for path in folders]
    return [card for card in found if card]


def scaled(value: int | None, parts: float) -> float | None:
    """Convert a hwmon number, which counts in millionths or thousandths, to the whole unit."""
    return None if value is None else value / parts


def _card_of(vendor_id: str, directory: Path) -> Card | None:
    card = Card(directory)
    return card if card.vendor_id == vendor_id else None


def _input(label: Path) -> Path:
    return label.with_name(label.name.replace("_label", "_input"))


def _listed_name(root: Path, vendor: str, number: str) -> str | None:
    file = next((root / path for path in PCI_IDS if exists(root / path)), None)
    return next(_devices(file, vendor, number), None) if file and vendor and number else None


def _devices(file: Path, vendor: str, number: str) -> Iterator[str]:
    """Yield the vendor's device of this number. Vendors begin a line, and their devices follow behind a tab."""
    inside = False
    for line in file.read_text(errors="replace").splitlines():
        if line and not line.startswith(("\t", "#")):
            inside = line.startswith(f"{vendor}  ")
        elif inside and line.startswith(f"\t{number}  "):
            yield line.split("  ", 1)[1]
