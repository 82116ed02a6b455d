"""Files of keys, one entry a line: a key, its digest, or its digest with its name, its owner and when it was made.

`sha256:DIGEST name=ci owner=anna created=2026-11-27T20:00:00Z` is the third. Releases before 1.0 refuse it.
"""

import fcntl
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from common.environment.keys.api_keys import DIGEST, HASH_PREFIX, NOT_A_DIGEST, digest, is_described, keys_of_line
from common.errors import ConfigurationError, Conflict
from common.values.partial_file import flush, partial

WORD = re.compile(r"[\w.@+-]{1,64}", re.ASCII)
DIGITS = 16


@dataclass(frozen=True)
class KeyEntry:
    """A key in a file. `digest` begins with `sha256:`. The rest is None in lines that do not say it."""

    digest: str
    name: str | None = None
    owner: str | None = None
    created: str | None = None

    @property
    def digits(self) -> str:
        """The first digits of the digest, by which logs and sessions name the key."""
        return self.digest.removeprefix(HASH_PREFIX)[:DIGITS]

    def line(self) -> str:
        known = (("name", self.name), ("owner", self.owner), ("created", self.created))
        return " ".join([self.digest, *(f"{field}={value}" for field, value in known if value)])


def entries(text: str) -> list[KeyEntry]:
    """Return the keys of a file's text.

    Raises:
        ConfigurationError: if a line is not valid.
    """
    return [entry for line in text.splitlines() for entry in _of_line(line)]


def _of_line(line: str) -> Iterator[KeyEntry]:
    words = line.split()
    if is_described(words):
        yield _described(*words)
        return
    for key in keys_of_line(line):
        yield KeyEntry(_checked(key) if key.startswith(HASH_PREFIX) else digest(key.encode()))


def _described(first: str, *fields: str) -> KeyEntry:
    known = dict(field.partition("=")[::2] for field in fields)
    unknown = known.keys() - {"name", "owner", "created"}
    if unknown:
        raise ConfigurationError(f"{min(unknown)!r} after a digest is unknown. Write name=, owner= or created=.")
    return KeyEntry(_checked(first), **known)


def _checked(written: str) -> str:
    if not DIGEST.fullmatch(written):
        raise ConfigurationError(NOT_A_DIGEST)
    return written


def add(path: Path, entry: KeyEntry) -> None:
    """Add a key to a file, which is created if it does not exist, for its owner alone.

    Raises:
        Conflict: if there is a key with this name.
        ConfigurationError: if the file is not valid, or cannot be written.
    """
    with _locked(path):
        text = _read(path)
        if entry.name and any(known.name == entry.name for known in entries(text)):
            raise Conflict(f"{path} has a key called {entry.name}. Choose another name, or revoke that key first.")
        _replace(path, [*text.splitlines(), entry.line()])


def remove(path: Path, name: str) -> KeyEntry:
    """Remove the key with this name, or with a digest that begins with these 16 digits, and return it.

    Raises:
        Conflict: if there is no such key, or if it is the only one: an API without keys keeps those that it knows.
        ConfigurationError: if the file is not valid, or cannot be written.
    """
    with _locked(path):
        lines = _read(path).splitlines()
        found = [entry for entry in entries("\n".join(lines)) if name in (entry.name, entry.digits)]
        if not found:
            raise Conflict(f"{path} has no key {name}. gait admin keys list shows all.")
        kept = [line for line in lines if found[0] not in list(_of_line(line))]
        if not entries("\n".join(kept)):
            raise Conflict(f"{name} is the last key of {path}, and without keys the API would keep it. Add one first.")
        _replace(path, kept)
    return found[0]


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig") if path.exists() else ""
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} cannot be read: {error}. Check API_KEYS_FILE and its rights.") from error


def _replace(path: Path, lines: Iterable[str]) -> None:
    """Write a file. It has the rights and the owner of the one that it replaces, and a new one is its owner's alone."""
    try:
        with partial(path) as file:
            file.write_text("".join(f"{line}\n" for line in lines), "utf-8")
            _copy_rights(path, file)
            flush(file)
            file.replace(path)
    except OSError as error:
        raise ConfigurationError(
            f"{path} cannot be replaced: {error.strerror}. Run this where its folder can be written, as its owner."
        ) from error


def _copy_rights(path: Path, file: Path) -> None:
    if not path.exists():
        return
    before = path.stat()
    file.chmod(before.st_mode & 0o777)
    if (before.st_uid, before.st_gid) != (os.geteuid(), os.getegid()):
        os.chown(file, before.st_uid, before.st_gid)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Let one process at a time change files of this folder, so that no key is lost."""
    try:
        folder = os.open(path.parent, os.O_RDONLY)
    except OSError as error:
        raise ConfigurationError(f"There is no folder {path.parent}. Create it.") from error
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)
