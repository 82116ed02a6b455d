"""What a test was measured with, as text: the settings of Ollama and the machine."""

from collections.abc import Mapping

from common.values.free_json import Json
from common.values.units import text

UNKNOWN = "–"
UNREAD_SETTINGS = "unknown, because the worker cannot read them"
"""Of a server on another machine, in a container, or of another user."""


def settings_text(settings: Mapping[str, str | None] | None) -> str:
    """Return the settings of Ollama that are set."""
    if settings is None:
        return UNREAD_SETTINGS
    return ", ".join(f"{name}={value}" for name, value in settings.items() if value is not None) or "none set"


def machine_facts(machine: Json) -> dict[str, str]:
    """Return the parts of a machine's identity (`fingerprint.parts`) as text, all unknown if `machine` is empty."""
    cpu, gpus, limits = machine.get("cpu") or {}, machine.get("gpu") or [], machine.get("limits") or {}
    return {
        "CPU": _listed(cpu.get("model"), cpu.get("cores") and f"{cpu['cores']} cores", _threads(cpu)),
        "GPU": "; ".join(_listed(gpu.get("model"), text(gpu.get("memory"), "bytes")) for gpu in gpus)
        or ("none" if machine else UNKNOWN),
        "GPU driver": "; ".join(sorted({gpu.get("driver") or UNKNOWN for gpu in gpus})) or UNKNOWN,
        "RAM": f"{machine['ram'] >> 30} GiB" if machine.get("ram") else UNKNOWN,
        "Kernel": machine.get("kernel") or UNKNOWN,
        "Limits": _listed(*(f"{name}: {value}" for name, value in limits.items() if value is not None)),
    }


def further_facts(inventory: Json) -> dict[str, str]:
    """Return the facts of an inventory that are not part of the machine's identity, as text."""
    cpu, ram, storage, system, bios = (inventory.get(part) or {} for part in ("cpu", "ram", "storage", "os", "bios"))
    return {
        "CPU maximum clock": text(cpu.get("frequency"), "MHz"),
        "Microcode": cpu.get("microcode") or UNKNOWN,
        "RAM modules": _listed(ram.get("type"), _known(ram.get("frequency"), "MHz")),
        "Models' disk": _listed(storage.get("type"), _known(storage.get("size"), "file bytes")),
        "System": _listed(system.get("name"), system.get("version")),
        "Firmware": _listed(bios.get("vendor"), bios.get("version"), bios.get("date")),
    }


def _known(value: float | None, unit: str) -> str | None:
    return None if value is None else text(value, unit)


def _threads(cpu: Json) -> str | None:
    return cpu.get("threads") and f"{cpu['threads']} threads"


def _listed(*words: str | None) -> str:
    return ", ".join(word for word in words if word) or UNKNOWN
