"""The firmware's texts, without those that a maker forgot to fill in. Source: /sys/class/dmi/id."""

import re
from pathlib import Path

from sampler.sources.kernel_file import text

FOLDER = "sys/class/dmi/id"
PLACEHOLDER = re.compile(
    r"to be filled by o\.?e\.?m\.?|default string|system (manufacturer|product name|version)|o\.?e\.?m\.?"
    r"|not (specified|applicable|available|present)|n/?a|none|unknown|undefined|invalid|empty|[x*.?-]+",
    re.IGNORECASE,
)


def dmi(root: Path, name: str) -> str | None:
    """Return the text of that name, or None if the firmware has none.

    Raises:
        OSError: if the file is not readable.
    """
    found = text(root / FOLDER / name)
    return None if found is None or PLACEHOLDER.fullmatch(found.strip()) else found
