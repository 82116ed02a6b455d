"""Values that are only known to be larger than all others: the wait for an answer that never came, for example.

They take part in every order statistic, because leaving them out would show a server as faster the more it fails. In
computations they are infinite. JSON has no infinity, so a statistic that depends on their size is None there.
"""

from collections.abc import Iterable
from math import inf, isfinite

CENSORED = inf


def known(value: float | None) -> float | None:
    """Return a statistic as JSON: None if it is censored or undefined."""
    return value if value is not None and isfinite(value) else None


def count(values: Iterable[float]) -> int:
    return sum(value == CENSORED for value in values)
