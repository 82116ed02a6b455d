"""Names and points as words, for pages and messages."""

import re
from functools import lru_cache

from common.catalogue.options import POINT_FORMATS
from common.values.free_json import Json

ACRONYMS = re.compile(r"\b(bios|cpu|gpu|os|ram|vram)\b")


def point_text(point: Json | None) -> str:
    """Return the conditions of a point, such as `1024 prompt tokens`; empty for a test of one point."""
    parts = [POINT_FORMATS.get(name, f"{{}} {spaced(name)}").format(value) for name, value in (point or {}).items()]
    return ", ".join(parts)


@lru_cache(maxsize=1000)
def spaced(name: str) -> str:
    """Return a camelCase name as words."""
    return with_acronyms("".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name))


def with_acronyms(name: str) -> str:
    """Return a name such as `cpu frequency` with its acronyms in capitals."""
    return ACRONYMS.sub(lambda found: found[0].upper(), name)
