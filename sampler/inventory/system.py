"""The operating system. Sources: os-release and uname."""

import platform
from pathlib import Path
from typing import Any

from sampler.inventory import inventory_part
from sampler.tolerant_read import TolerantReads


def describe(root: Path, reads: TolerantReads | None = None) -> dict[str, Any]:
    return inventory_part.read("os", FIELDS, root, reads)


def name(_: Path) -> str | None:
    return _release().get("NAME") or None


def version(_: Path) -> str | None:
    return _release().get("VERSION_ID") or None


def kernel(_: Path) -> str | None:
    return platform.release() or None


FIELDS = {"name": name, "version": version, "kernel": kernel}


def _release() -> dict[str, str]:
    try:
        return platform.freedesktop_os_release()
    except FileNotFoundError:  # not Linux
        return {"NAME": platform.system(), "VERSION_ID": platform.mac_ver()[0]}
