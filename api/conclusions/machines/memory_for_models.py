"""The memory that a machine has for models, and what its server keeps there besides their weights."""

from dataclasses import dataclass
from enum import StrEnum

from common.machines.gpu_memory import own_gpu_memory
from common.values.free_json import Json

VALUE_SHARES = {"f16": 1.0, "q8_0": 34 / 64, "q4_0": 18 / 64}
"""Size of a number in the cache by OLLAMA_KV_CACHE_TYPE, as a share of 16 bits. Blocks of 32 share a scale."""
YES = ("1", "true", "t", "yes")


@dataclass(frozen=True)
class Room:
    """Bytes of the machine's own GPUs together, None if it has none or they are unknown, and of usable RAM."""

    vram: int | None
    ram: int | None

    @classmethod
    def of(cls, inventory: Json | None) -> "Room":
        known = inventory or {}
        sizes = ((known.get("ram") or {}).get("total"), (known.get("limits") or {}).get("memory"))
        ram = [size for size in sizes if isinstance(size, int)]
        return cls(own_gpu_memory(known), min(ram, default=None))

    @property
    def main(self) -> int | None:
        """The memory in which models are fast: that of the GPUs, or RAM on a machine without them."""
        return self.vram or self.ram

    @property
    def name(self) -> str:
        return "VRAM" if self.vram else "RAM"


class Source(StrEnum):
    """Where the number of slots is from."""

    SETTING = "setting"
    MEASURED = "measured"
    DEFAULT = "default"


@dataclass(frozen=True)
class CacheSettings:
    """How the server keeps contexts: for `slots` requests at once, with numbers of this share of 16 bits."""

    slots: int = 1
    value_share: float = 1.0
    source: Source = Source.DEFAULT

    @classmethod
    def of(cls, settings: dict[str, str | None] | None, seen: int | None = None) -> "CacheSettings":
        """Return what the server's environment says, and otherwise how many answers it was `seen` to write at once.

        What neither says is Ollama's default.
        """
        known = settings or {}
        is_quantised = (known.get("OLLAMA_FLASH_ATTENTION") or "").lower() in YES
        share = VALUE_SHARES.get(known.get("OLLAMA_KV_CACHE_TYPE") or "", 1.0) if is_quantised else 1.0
        slots = known.get("OLLAMA_NUM_PARALLEL") or ""
        if slots.isdigit() and int(slots) > 0:
            return cls(int(slots), share, Source.SETTING)
        return cls(seen, share, Source.MEASURED) if seen else cls(1, share)

    def bytes_of(self, tokens: int, per_token: int) -> int:
        return round(tokens * per_token * self.slots * self.value_share)
