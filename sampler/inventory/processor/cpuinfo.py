"""The facts of /proc/cpuinfo."""

from pathlib import Path

from sampler.sources.kernel_file import text


def cpuinfo(root: Path) -> dict[str, str]:
    """Return the facts of the first CPU and of the board, or {} if there is no /proc.

    Raises:
        OSError: if the file is not readable.
    """
    facts: dict[str, str] = {}
    for name, value in pairs(root):
        facts.setdefault(name, value)
    return facts


def pairs(root: Path) -> list[tuple[str, str]]:
    """Return all lines as (name, value). It raises as `cpuinfo`."""
    lines = (line.partition(":") for line in (text(root / "proc/cpuinfo") or "").splitlines())
    return [(name.strip(), value.strip()) for name, colon, value in lines if colon]
