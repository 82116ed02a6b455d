"""Small files of the kernel: read once, or kept open so that each further read costs one system call."""

import os
from pathlib import Path

INITIAL_SIZE = 1 << 16
"""Bytes. It grows for longer files, such as /proc/stat of a machine with many cores."""


class KernelFile:
    """A file that stays open.

    Raises:
        OSError: if the file is missing or not readable, when it is opened or read.
    """

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self._size = INITIAL_SIZE

    def read(self) -> bytes:
        while len(content := os.pread(self._file, self._size, 0)) == self._size:
            self._size *= 2
        return content

    def __del__(self) -> None:
        if hasattr(self, "_file"):
            os.close(self._file)


def text(path: Path) -> str | None:
    """Return the file's text, or None if the file is missing, not readable or empty, or returns an error."""
    try:
        return path.read_text().strip() or None
    except (OSError, UnicodeDecodeError):
        return None


def number(path: Path) -> int | None:
    """Return the file's whole number, or None if it holds something else; see `text`."""
    content = text(path)
    return int(content) if content and content.lstrip("-").isdecimal() else None
