"""The declaration of a metric."""

from dataclasses import dataclass
from typing import Literal

Better = Literal["lower", "higher", "neither"]
"""The direction in which a metric is better."""


@dataclass(frozen=True)
class Metric:
    """A number of a run. `better` is the direction in which it is better.

    `is_wait` is True for the time until something that may never happen: a request that failed waited longer than all.
    """

    name: str
    label: str
    unit: str
    better: Better
    description: str
    is_wait: bool = False

    @property
    def is_speed(self) -> bool:
        """Whether a better value is a faster one: of a time or a rate."""
        return self.better != "neither" and (self.unit == "ms" or self.unit.endswith("/s"))
