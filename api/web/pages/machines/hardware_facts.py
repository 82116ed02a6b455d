"""The hardware of a machine, as names and texts."""

from api.web.pages.presentation.formatting import text
from common.values.free_json import Json


def facts(inventory: Json) -> list[tuple[str, str]]:
    """Return the known hardware as (name, text)."""
    cpu, ram, storage, system, bios = (inventory.get(part) or {} for part in ("cpu", "ram", "storage", "os", "bios"))
    found = [
        ("Processor", _joined(cpu.get("model"), _cores(cpu), _quantity(cpu.get("frequency"), "MHz"))),
        *(("Graphics", _gpu(gpu)) for gpu in inventory.get("gpu") or ()),
        ("Memory", _ram(ram)),
        ("Disk of the models", _joined(storage.get("type"), _quantity(storage.get("size"), "file bytes"))),
        ("System", " ".join(filter(None, (system.get("name"), system.get("version"))))),
        ("Kernel", system.get("kernel") or ""),
        ("Firmware", " ".join(filter(None, (bios.get("vendor"), bios.get("version"), bios.get("date"))))),
    ]
    return [(name, value) for name, value in found if value]


def limits(inventory: Json) -> list[tuple[str, str]]:
    """Return the limits that keep processes from using the whole hardware, as (name, text)."""
    found_limits = inventory.get("limits") or {}
    cpus = found_limits.get("cpus")
    found = [
        ("Usable processors", f"{cpus:g}" if cpus is not None else ""),
        ("Usable memory", _quantity(found_limits.get("memory"), "bytes")),
        ("Container", found_limits.get("container") or ""),
        ("Hypervisor", _hypervisor(found_limits.get("hypervisor"))),
    ]
    return [(name, value) for name, value in found if value]


def _gpu(gpu: Json) -> str:
    driver = f"driver {gpu['driver']}" if gpu.get("driver") else None
    shared = f"including {text(gpu['shared'], 'bytes')} of RAM" if gpu.get("shared") else None
    return _joined(gpu.get("model"), _quantity(gpu.get("memory"), "bytes"), shared, driver)


def _ram(ram: Json) -> str:
    return _joined(_quantity(ram.get("total"), "bytes"), ram.get("type"), _quantity(ram.get("frequency"), "MHz"))


def _cores(cpu: Json) -> str | None:
    cores, threads = cpu.get("cores"), cpu.get("threads")
    return f"{cores} cores, {threads} threads" if cores and threads else None


def _hypervisor(name: str | None) -> str:
    return "unknown kind" if name == "unknown" else name or ""


def _quantity(value: float | None, unit: str) -> str:
    return "" if value is None else text(value, unit)


def _joined(*parts: str | None) -> str:
    return " · ".join(filter(None, parts))
