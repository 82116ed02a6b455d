"""Files that the kernel refuses to open, answers with an error, or fills with something else."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

OPEN, READ, PREAD, SCANDIR, LISTDIR = os.open, os.read, os.pread, os.scandir, os.listdir


@dataclass(frozen=True)
class Fault:
    """An error number at the open or at each read of a file, or other content. A folder fails when it is listed."""

    code: int | None = None
    while_read: bool = False
    content: bytes | None = None

    def fail(self, path: str) -> None:
        if self.code is not None:
            raise OSError(self.code, os.strerror(self.code), path)


class FaultyFiles:
    """One file at a time that has a fault, also if it was opened before."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._broken: tuple[str, Fault] | None = None
        self._paths: dict[int, str] = {}
        for replacement in (self._open, self._read, self._pread, self._scandir, self._listdir):
            monkeypatch.setattr(os, replacement.__name__.strip("_"), replacement)

    @contextmanager
    def broken(self, path: Path, fault: Fault) -> Iterator[None]:
        self._broken = str(path), fault
        try:
            yield
        finally:
            self._broken = None

    def _fault_of(self, path: Any) -> Fault | None:
        return self._broken[1] if self._broken and os.fspath(path) == self._broken[0] else None

    def _open(self, path: Any, *arguments: int, **others: Any) -> int:
        fault = self._fault_of(path)
        if fault and not fault.while_read:
            fault.fail(os.fspath(path))
        file = OPEN(path, *arguments, **others)
        self._paths[file] = os.fspath(path)
        return file

    def _read(self, file: int, size: int) -> bytes:
        return self._answer(file, READ(file, size))

    def _pread(self, file: int, size: int, offset: int) -> bytes:
        return self._answer(file, PREAD(file, size, offset))

    def _answer(self, file: int, found: bytes) -> bytes:
        """Return the other content in place of the first part, because the end of a file is empty."""
        fault = self._fault_of(self._paths.get(file, ""))
        if fault is None:
            return found
        if fault.code is not None:
            raise OSError(fault.code, os.strerror(fault.code))
        return fault.content if found and fault.content is not None else b""

    def _scandir(self, path: Any = ".") -> Any:
        self._list(path)
        return SCANDIR(path)

    def _listdir(self, path: Any = ".") -> list[str]:
        self._list(path)
        return LISTDIR(path)

    def _list(self, path: Any) -> None:
        if fault := self._fault_of(path):
            fault.fail(os.fspath(path))
