"""Files that the kernel refuses to open, or answers with an error while they are read."""

import os
from pathlib import Path

import pytest

OPEN, READ, PREAD = os.open, os.read, os.pread


def fail(monkeypatch: pytest.MonkeyPatch, path: Path, code: int, *, while_read: bool = False) -> None:
    """Let every open of the file fail with an error number, or every read of it."""
    broken: set[int] = set()

    def opened(file: "os.PathLike[str] | str", *arguments: int) -> int:
        is_broken = os.fspath(file) == str(path)
        if is_broken and not while_read:
            raise OSError(code, os.strerror(code), os.fspath(file))
        number = OPEN(file, *arguments)
        (broken.add if is_broken else broken.discard)(number)
        return number

    def read(file: int, size: int) -> bytes:
        if file in broken:
            raise OSError(code, os.strerror(code))
        return READ(file, size)

    def pread(file: int, size: int, offset: int) -> bytes:
        if file in broken:
            raise OSError(code, os.strerror(code))
        return PREAD(file, size, offset)

    monkeypatch.setattr(os, "open", opened)
    monkeypatch.setattr(os, "read", read)
    monkeypatch.setattr(os, "pread", pread)
