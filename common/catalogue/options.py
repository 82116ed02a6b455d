"""Options: numbers that a client may set for a test type."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

from common.catalogue.effort import MAXIMUM, MINIMUM, PRECISION
from common.errors import GaitError

MAX_VALUES = 16
"""Values of one option in one test."""

Number = int | float
Value = Number | list[Number] | None
Options = Mapping[str, Any]


class InvalidOptions(GaitError):
    """Options that a test type does not accept. `problems` maps an option's name to what is wrong with it."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {problem}" for name, problem in problems.items()))
        self.problems = problems


@dataclass(frozen=True)
class Option:
    """A number that a client may set for a test type, with at most this number of decimals.

    If the default is a tuple, a client may give several values, and the test is measured at each. `may_be_empty` is
    True if no value is allowed too. A default of None leaves the choice to the session's effort or to the worker.
    """

    name: str
    unit: str
    default: int | tuple[int, ...] | None
    minimum: Number
    maximum: Number
    description: str
    decimals: int = 0
    may_be_empty: bool = False

    @property
    def multiple(self) -> bool:
        """True if a client may give several values."""
        return isinstance(self.default, tuple)

    def resolve(self, given: object) -> Value:
        """Return the value as it is stored: always a list if the option is `multiple`.

        Raises:
            ValueError: if the value is not allowed; the message says why.
        """
        if not self.multiple:
            return None if given is None and self.default is None else self._number(given)
        values = list(given) if isinstance(given, list | tuple) else [given]
        minimum = 0 if self.may_be_empty else 1
        if not minimum <= len(values) <= MAX_VALUES:
            raise ValueError(f"must be {minimum} to {MAX_VALUES} numbers")
        numbers = [self._number(value) for value in values]
        if len(set(numbers)) < len(numbers):
            raise ValueError("must not contain the same number twice")
        return numbers

    def _number(self, value: object) -> Number:
        if not self._is_number(value):
            kind = "number" if self.decimals else "whole number"
            raise ValueError(f"must be a {kind}{f' or a list of {kind}s' * self.multiple}")
        if not self.minimum <= value <= self.maximum:
            raise ValueError(f"must be from {self.minimum} to {self.maximum} {self.unit}")
        if value != round(value, self.decimals):
            raise ValueError(f"must have at most {self.decimals} decimals")
        return int(value) if value == int(value) else value

    def _is_number(self, value: object) -> TypeGuard[Number]:
        """Return whether the value is a number of this kind. JSON writes 12 as 12.0 too."""
        if isinstance(value, float):
            return bool(self.decimals) or value.is_integer()
        return isinstance(value, int) and not isinstance(value, bool)


POINT_FORMATS = {
    "after": "after {}",
    "batchSize": "batch of {}",
    "inputTokens": "inputs of {} tokens",
    "load": "by {}",
    "loadPercent": "{} % load",
    "offloadPercent": "{} % of the layers",
    "pageCache": "page cache {}",
    "prefix": "{} prefix",
    "requestsPerSecond": "{} requests/s",
    "turn": "turn {}",
    "users": "{} at once",
}
"""How the values of a point are shown, if not as `1024 prompt tokens`."""


def prompt_tokens(*defaults: int) -> Option:
    """Return the option `promptTokens`; it is multiple if there is more than one default."""
    multiple = len(defaults) > 1
    description = "lengths of the prompts" if multiple else "length of each prompt"
    default = defaults if multiple else defaults[0]
    return Option("promptTokens", "tokens", default, 32, 131_072, f"{description}, to within 2 %")


def output_tokens(default: int) -> Option:
    return Option("outputTokens", "tokens", default, 16, 16_384, "tokens generated for each request")


def context_length() -> Option:
    description = (
        "num_ctx, the same in every run; null: as the test needs, at least 2048, at most the model's own context"
    )
    return Option("contextLength", "tokens", None, 256, 1_048_576, description)


def repetitions() -> tuple[Option, ...]:
    """Return the options of `effort.REPETITIONS`, which the session's effort sets unless they are given."""
    known = "half the width of its median's interval that ends a point early, in percent of the median; null: by effort"
    return (
        Option(MINIMUM, "runs", None, 1, 1000, "minimum of measured runs at each point; null: by the session's effort"),
        Option(MAXIMUM, "runs", None, 1, 1000, "maximum of measured runs at each point; null: by the session's effort"),
        Option(PRECISION, "%", None, 1, 50, known),
    )
