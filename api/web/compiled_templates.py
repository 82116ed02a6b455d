"""The compiled templates, kept as Python keeps its own bytecode: compiling them takes a third of the API's start."""

from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path

from jinja2 import FileSystemBytecodeCache
from jinja2.bccache import Bucket

CODE = [Path(__file__).parents[2] / package for package in ("api", "common")]
"""The folders of the code that templates call."""


class CompiledTemplates(FileSystemBytecodeCache):
    """Keeps them in a folder, if this user may write there, until a template or the code changes.

    Jinja calls a filter of constants while it compiles, so what it compiles depends on the code too.
    """

    def get_source_checksum(self, source: str) -> str:
        return super().get_source_checksum(source + _state_of_the_code())

    def dump_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):  # this user may not write there
            Path(self.directory).mkdir(exist_ok=True)
            super().dump_bytecode(bucket)


@cache
def _state_of_the_code() -> str:
    """Return a digest of the files' names, sizes and times."""
    files = sorted(path for folder in CODE for path in folder.rglob("*.py"))
    return sha256(repr([(path, path.stat().st_size, path.stat().st_mtime_ns) for path in files]).encode()).hexdigest()
