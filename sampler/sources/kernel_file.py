"""Small files of the kernel's: read as what they say, or kept open, so that to ask again costs one system call."""

import os
from pathlib import Path

ENOUGH = 1 << 16
"""Bytes; grows where a file is longer, as /proc/stat on a machine of many cores."""


class KernelFile:
    """Raises OSError where the file is not there or not ours to read, at once or when it is read."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self._size = ENOUGH

    def read(self) -> bytes:
        while len(content := os.pread(self._file, self._size, 0)) == self._size:
            self._size *= 2
        return content

    def __del__(self) -> None:
        if hasattr(self, "_file"):
            os.close(self._file)


def text(path: Path) -> str | None:
    """What the file says; None where it is not there, is not ours, is empty, or answers with an error."""
    try:
        return path.read_text().strip() or None
    except (OSError, UnicodeDecodeError):
        return None


def number(path: Path) -> int | None:
    """As `text`; None for what is no whole number, too."""
    words = text(path)
    return int(words) if words and words.lstrip("-").isdecimal() else None
