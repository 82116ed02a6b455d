"""The members of a large JSON object, read one by one from a file, in memory for one of them.

Only brackets, commas and strings are looked at, which is enough to find where a member or an entry of a list ends. What
is between is parsed by `parse_json`. So the order of the members, blanks and line breaks do not matter.
"""

import re
from collections.abc import Container, Iterator
from typing import Any, BinaryIO, NamedTuple

from api.formats.documents.checks.declared_types import Fault
from api.formats.documents.parsing import parsed
from common.values.bounded_json import MAX_DEPTH, TooDeep

STRING = rb'"(?:[^"\\]++|\\.)*+"'
TOKEN = re.compile(STRING + rb'|["\[\]{},]', re.DOTALL)
"""A whole string, or a character that structures the text. A lone quote is a string that has not ended yet."""
BRACKET = re.compile(STRING + rb'|["\[\]{}]', re.DOTALL)
"""The same without commas, of which a list of times has thousands."""
STEPS = {b"[": 1, b"{": 1, b"]": -1, b"}": -1}
PIECE_BYTES = 1 << 18
MAX_ENTRY_BYTES = 64 << 20
"""Largest member or entry of a list. A run of many users has several megabytes."""


class Piece(NamedTuple):
    """The value of a member, or of an entry of one that is a list. `place` is its number, None for the member itself.

    A list itself is given first, as an empty one, and then its entries. `size` is the length of an entry in bytes.
    """

    name: str
    place: int | None
    value: Any
    size: int = 0

    @property
    def path(self) -> str:
        return self.name if self.place is None else f"{self.name}[{self.place}]"


def pieces(file: BinaryIO, wanted: Container[str] | None = None) -> Iterator[Piece]:
    """Yield the members of the object that a file holds, from its beginning.

    The entries of lists that are not `wanted` are not read, and have the value None. By default, all are.

    Raises:
        Fault: if it is not one JSON object, or if a member is too large or nested too deeply.
    """
    file.seek(0)
    text = _Text(file)
    text.open()
    names: set[str] = set()
    while not text.ended:
        token = text.boundary(1)
        if token == b"[":
            name = _member(b"{" + text.taken() + b"[]}", names)[0]
            yield Piece(name, None, [])
            yield from _entries(text, name, is_wanted=wanted is None or name in wanted)
            token = text.boundary(1)
            if text.taken() or token == b"[":
                raise Fault("is not valid JSON: a comma is missing", name)
        elif (member := text.taken()) or names or token == b",":
            yield Piece(*_member(b"{" + member + b"}", names))
        text.ended = token == b"}"
    text.close()


def _entries(text: "_Text", name: str, *, is_wanted: bool) -> Iterator[Piece]:
    """Yield the entries of a list whose bracket was read."""
    token, index = b",", 0
    while token == b",":
        token = text.boundary(2)
        entry = text.taken()
        if entry or index or token == b",":
            yield Piece(name, index, parsed(entry, f"{name}[{index}]") if is_wanted else None, len(entry))
        index += 1


def _member(text: bytes, names: set[str]) -> tuple[str, None, Any]:
    """Return the only member of an object."""
    found: dict[str, Any] = parsed(text, "")
    if len(found) != 1 or names & found.keys():
        raise Fault("is given more than once, or lacks a name", next(iter(found), ""))
    ((name, value),) = found.items()
    names.add(name)
    return name, None, value


class _Text:
    """The text from the last member or entry on. It was looked at up to `at`, and the token there ends it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._text = b""
        self._at = self._start = 0
        self.ended = False

    def open(self) -> None:
        """Read the bracket at the beginning."""
        if self._token(TOKEN) != b"{" or self.taken():
            raise Fault("must be a JSON object")

    def close(self) -> None:
        """Refuse what follows the object."""
        while self._more():
            pass
        if self._text[self._at :].strip():
            raise Fault("has text after its end")

    def boundary(self, level: int) -> bytes:
        """Go to the end of the member (level 1) or the entry (level 2), and return the token that ends it.

        It is a comma or the closing bracket; and for a member also the bracket that opens a list.
        """
        depth = 0
        while True:
            token = self._token(BRACKET if depth else TOKEN)
            if not depth and (token in (b",", b"}" if level == 1 else b"]") or (level == 1 and token == b"[")):
                return token
            depth += STEPS.get(token, 0)
            if depth < 0:
                raise Fault("is not valid JSON: a bracket closes nothing")
            if depth + level > MAX_DEPTH:
                raise Fault(f"cannot be read: {TooDeep()}")

    def taken(self) -> bytes:
        """Return the text up to the token, and begin after it."""
        text = self._text[self._start : self._at - 1].strip()
        self._start = self._at
        return text

    def _token(self, wanted: "re.Pattern[bytes]") -> bytes:
        while True:
            found = wanted.search(self._text, self._at)
            if found and found[0] != b'"':
                self._at = found.end()
                return found[0][:1]
            self._at = found.start() if found else len(self._text)
            if not self._more():
                raise Fault("is not valid JSON: it ends too early")

    def _more(self) -> bool:
        """Read more, and forget what was taken. A long string doubles what is read, so it is searched rarely."""
        kept = len(self._text) - self._start
        if kept > MAX_ENTRY_BYTES:
            raise Fault(f"has a part of more than {MAX_ENTRY_BYTES >> 20} MiB")
        added = self._file.read(max(PIECE_BYTES, kept))
        self._text = self._text[self._start :] + added
        self._at, self._start = self._at - self._start, 0
        return bool(added)
