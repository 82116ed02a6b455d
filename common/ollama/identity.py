"""Identity of a model: what distinguishes it from the others in a server's memory."""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from common.values.units import model_name

COMMAND = re.compile(
    r'^[ \t]*([a-z]+)[ \t]+((?:\w+[ \t]+)?(?:"""(?s:.*?)"""|"[^"]*")|[^\n]*)',
    re.MULTILINE | re.IGNORECASE,
)
"""A command of a modelfile with its value, which may be a quoted text of several lines."""
BLOB = re.compile(r"sha256[-:]([0-9a-f]{64})", re.IGNORECASE)


@dataclass(frozen=True)
class Identity:
    """What distinguishes a model in memory from the others: its weights, else its digest, else its name.

    Models made from one another share their weights. The server runs them on one runner, and lists it under the name
    and the digest of the model that it was loaded for. `weights` are the files of a runner: model, projectors and
    adapters. They are empty if they are unknown, and the digest is then None if it is unknown too.
    """

    name: str
    digest: str | None = None
    weights: tuple[str, ...] = ()

    def matches(self, other: "Identity") -> bool:
        """Return True if a server runs both on one runner."""
        if self.digest and self.digest == other.digest:
            return True
        if self.weights and other.weights:
            return self.weights == other.weights
        if self.digest and other.digest:
            return False
        return same_name(self.name, other.name)


def same_name(one: str, other: str) -> bool:
    """Return True if both are names of one model. Ollama ignores their case."""
    return model_name(one).casefold() == model_name(other).casefold()


def weights_of(modelfile: str) -> tuple[str, ...]:
    """Return the blobs of a modelfile's FROM and ADAPTER lines, in order.

    Return none if a line names no blob: some servers write the name of a model.
    """
    sources = _values(modelfile, "FROM")
    blobs = [BLOB.search(source) for source in (*sources, *_values(modelfile, "ADAPTER"))]
    known = tuple(blob.group(1).lower() for blob in blobs if blob)
    return known if sources and len(known) == len(blobs) else ()


def files_of(modelfile: str) -> tuple[str, ...]:
    """Return the paths in a modelfile's FROM and ADAPTER lines, the model's own first. They may contain spaces."""
    sources = (*_values(modelfile, "FROM"), *_values(modelfile, "ADAPTER"))
    return tuple(source for source in sources if PurePosixPath(source).is_absolute())


def _values(modelfile: str, name: str) -> list[str]:
    found = [(command.upper(), value) for command, value in COMMAND.findall(modelfile)]
    return [value.strip().strip('"').strip() for command, value in found if command == name]
