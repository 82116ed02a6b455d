"""What can be tested: each test type with the question it answers and its options.

Workers define the test types and announce them to the database; the API reads them there, so that the two share a
description and no code.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import product
from math import prod
from typing import Any, Self

from common.errors import GaitError

HEADROOM_TOKENS = 64
"""Room beyond prompt and output: a prompt that does not fit is cut silently by the server."""
MOST_VALUES = 16

Value = int | list[int] | None
Options = Mapping[str, Any]
Point = dict[str, int | str]
"""What one part of a test is measured at: `{"promptTokens": 1024}`."""


class InvalidOptions(GaitError):
    """`problems` maps an option's name to what is wrong with it."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {problem}" for name, problem in problems.items()))
        self.problems = problems


@dataclass(frozen=True)
class Option:
    """A whole number that a client may set for a test type.

    Of an option that is `many`, several may be given, and the test is measured at each. A default of None leaves the
    choice to the worker.
    """

    name: str
    unit: str
    default: int | tuple[int, ...] | None
    minimum: int
    maximum: int
    description: str
    many: bool = False

    def resolve(self, given: object) -> Value:
        """The value as it is kept: a list for an option that is `many`, also where one number was given.

        Raises:
            ValueError: with what is wrong with it.
        """
        if not self.many:
            return None if given is None and self.default is None else self._number(given)
        values = list(given) if isinstance(given, list | tuple) else [given]
        if not 1 <= len(values) <= MOST_VALUES:
            raise ValueError(f"must be 1 to {MOST_VALUES} numbers")
        numbers = [self._number(value) for value in values]
        if len(set(numbers)) < len(numbers):
            raise ValueError("must not name a number twice")
        return numbers

    def _number(self, value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise ValueError(f"must be a whole number{' or a list of them' * self.many}")  # noqa: TRY004 - a wrong value
        if not self.minimum <= value <= self.maximum:
            raise ValueError(f"must be from {self.minimum} to {self.maximum} {self.unit}")
        return value


@dataclass(frozen=True)
class TestType:
    """`headline` is the metric by which the type is read first. `room` is what the context must hold, as a sum of
    products of options: `(("turns", "promptTokens"), ("outputTokens",))` is turns times promptTokens, and
    outputTokens.
    """

    name: str
    question: str
    headline: str
    options: tuple[Option, ...]
    room: tuple[tuple[str, ...], ...] = (("promptTokens",), ("outputTokens",))

    def resolve(self, given: Options) -> dict[str, Value]:
        """All options with the given values in place of defaults.

        Raises:
            InvalidOptions: for unknown names, values out of range, and values that contradict each other.
        """
        allowed = {option.name: option for option in self.options}
        problems = {name: f"is no option; allowed are {', '.join(allowed)}" for name in given if name not in allowed}
        resolved = {}
        for name, option in allowed.items():
            try:
                resolved[name] = option.resolve(given.get(name, option.default))
            except ValueError as error:
                problems[name] = str(error)
        problems = problems or self._contradictions(resolved)
        if problems:
            raise InvalidOptions(problems)
        return resolved

    def _contradictions(self, options: Options) -> dict[str, str]:
        problems = {}
        if options.get("minRepetitions", 0) > options.get("maxRepetitions", 0):
            problems["minRepetitions"] = f"is over maxRepetitions ({options['maxRepetitions']})"
        context, needed = options.get("contextLength"), self.context_for(options)
        if context is not None and context < needed:
            terms = " + ".join(" × ".join(term) for term in self.room)
            problems["contextLength"] = f"must be {needed} at least: {terms} + {HEADROOM_TOKENS}"
        return problems

    def context_for(self, options: Options) -> int:
        """The tokens that the context must hold, at the largest of each option's values."""
        return sum(prod(_largest(options[name]) for name in term) for term in self.room) + HEADROOM_TOKENS

    def points(self, options: Options) -> list[Point]:
        """Each combination of the values of options that are `many`; one point without any where none is."""
        names = [option.name for option in self.options if option.many]
        return [dict(zip(names, values, strict=True)) for values in product(*(options[name] for name in names))]

    def describe(self) -> dict[str, Any]:
        """The type as JSON."""
        return asdict(self)

    @classmethod
    def from_description(cls, description: dict[str, Any]) -> Self:
        options = tuple(Option(**option | {"default": _frozen(option["default"])}) for option in description["options"])
        room = tuple(tuple(term) for term in description["room"])
        return cls(**{**description, "options": options, "room": room})


def _largest(value: int | list[int]) -> int:
    return value if isinstance(value, int) else max(value)


def _frozen(default: Value) -> int | tuple[int, ...] | None:
    return tuple(default) if isinstance(default, list) else default
