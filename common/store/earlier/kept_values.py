"""Values of completed tests that were read before, kept in memory because they do not change any more."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Kept(Generic[Key, Value]):
    """Values by their keys. When there would be more than `limit`, only those just asked for are kept."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._values: dict[Key, Value] = {}

    def of(self, keys: Iterable[Key], read: Callable[[Sequence[Key]], Iterable[tuple[Key, Value]]]) -> dict[Key, Value]:
        """Return the values of keys: what is kept, and what is read now, which is kept from now on."""
        wanted = set(keys)
        found = {key: self._values[key] for key in wanted if key in self._values}
        missing = list(wanted - found.keys())
        if missing:
            new = dict(read(missing))
            found |= new
            if len(self._values) + len(new) > self.limit:
                self._values.clear()
            self._values.update(found)
        return found
