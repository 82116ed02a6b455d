"""Small files of the kernel: read once, or kept open so that each further read costs one system call."""

import os
import re
from pathlib import Path

INITIAL_SIZE = 1 << 16
"""Bytes. It grows for longer files, such as /proc/stat of a machine with many cores."""
MAX_SIZE = 1 << 24
"""Bytes. No file of the kernel is longer."""
MAX_CONTENT = 1 << 20
MAX_NUMBER = 1 << 63
"""Larger numbers, such as 2^64-1, stand for an unknown value."""


class KernelFile:
    """A file that stays open. It is opened by the first read, and again after a read that failed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None
        self._size = INITIAL_SIZE

    def read(self) -> bytes:
        """Return the whole file.

        Raises:
            OSError: if the file is missing or not readable.
        """
        if self._file is None:
            self._file = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            while len(content := os.pread(self._file, self._size, 0)) == self._size < MAX_SIZE:
                self._size *= 2
        except OSError as error:
            self._close()
            error.filename = str(self._path)
            raise
        return content

    def _close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def __del__(self) -> None:
        self._close()


def exists(path: Path) -> bool:
    """Return whether the path exists. `Path.exists` raises if a folder may not be read or is broken."""
    return os.path.exists(path)  # noqa: PTH110 - see above


def entries(folder: Path, pattern: str = "") -> list[Path]:
    """Return what the folder holds with names that match the pattern from their beginning, sorted; [] if missing.

    Raises:
        OSError: if the folder is not readable. `Path.glob` would hide that.
    """
    try:
        names = os.listdir(folder)  # noqa: PTH208 - only some become paths
    except (FileNotFoundError, NotADirectoryError):
        return []
    return [folder / name for name in sorted(names) if re.match(pattern, name)]


def content(path: Path) -> bytes:
    """Return the file's content, at most about 1 MiB.

    Raises:
        OSError: if the file is missing or not readable, or if the kernel returns an error.
    """
    file, parts, size = os.open(path, os.O_RDONLY | os.O_CLOEXEC), list[bytes](), 0
    try:
        while size < MAX_CONTENT and (part := os.read(file, INITIAL_SIZE)):
            parts.append(part)
            size += len(part)
    except OSError as error:
        error.filename = str(path)
        raise
    finally:
        os.close(file)
    return b"".join(parts)


def text(path: Path) -> str | None:
    """Return the file's text, or None if the file is missing or empty. Other characters than UTF-8's are replaced.

    Raises:
        OSError: if the file is not readable, or if the kernel returns an error.
    """
    try:
        found = content(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found.decode(errors="replace").strip(" \t\r\n\0") or None


def number(path: Path) -> int | None:
    """Return the file's whole number, also in hexadecimal, or None if the file is missing or empty.

    Raises:
        OSError: as `text`.
        ValueError: if the file holds something else.
    """
    found = text(path)
    if found is None:
        return None
    try:
        value = int(found, 16 if found.startswith("0x") else 10)
    except ValueError as error:
        raise ValueError(f"{path} does not hold a number") from error
    if abs(value) >= MAX_NUMBER:
        raise ValueError(f"{path} holds {value}, which stands for an unknown value")
    return value
