"""Sources, mostly files, of which any may be missing or broken: the others still count."""

from collections.abc import Callable, Iterable
from typing import TypeVar

Source = TypeVar("Source")
T = TypeVar("T")


def known(read: Callable[[Source], T | None], sources: Iterable[Source]) -> list[T]:
    """Return the values of the sources that have one.

    Raises:
        OSError, ValueError: the first error, if no source has a value.
    """
    values, errors = [], []
    for source in sources:
        try:
            values.append(read(source))
        except (OSError, ValueError) as error:
            errors.append(error)
    found = [value for value in values if value is not None]
    if errors and not found:
        raise errors[0]
    return found


def first(read: Callable[[Source], T | None], sources: Iterable[Source]) -> T | None:
    """Return the value of the first source that has one, or None. Those after it are not read.

    Raises:
        OSError, ValueError: the first error, if no source has a value.
    """
    failure = None
    for source in sources:
        try:
            value = read(source)
        except (OSError, ValueError) as error:
            failure = failure or error
        else:
            if value is not None:
                return value
    if failure:
        raise failure
    return None
