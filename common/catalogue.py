"""What can be tested: each test type with the question it answers and its options.

Workers define the test types and announce them to the database; the API reads them there, so that the two share a
description and no code.
"""

from dataclasses import asdict, dataclass
from typing import Any, Self

from common.errors import GaitError

HEADROOM_TOKENS = 64
"""Room beyond prompt and output: a prompt that does not fit is cut silently by the server."""


class InvalidOptions(GaitError):
    """`problems` maps an option's name to what is wrong with it."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {problem}" for name, problem in problems.items()))
        self.problems = problems


@dataclass(frozen=True)
class Option:
    """A whole number that a client may set for a test type."""

    name: str
    unit: str
    default: int
    minimum: int
    maximum: int
    description: str

    def problem(self, value: object) -> str | None:
        """What is wrong with `value`, or None."""
        if not isinstance(value, int) or isinstance(value, bool):
            return "must be a whole number"
        if not self.minimum <= value <= self.maximum:
            return f"must be from {self.minimum} to {self.maximum} {self.unit}"
        return None


@dataclass(frozen=True)
class TestType:
    """`headline` is the metric by which the type is read first."""

    name: str
    question: str
    headline: str
    options: tuple[Option, ...]

    def resolve(self, given: dict[str, Any]) -> dict[str, int]:
        """All options with the given values in place of defaults.

        Raises:
            InvalidOptions: for unknown names, values out of range, and values that contradict each other.
        """
        options = {option.name: option for option in self.options}
        problems = {name: f"is no option; allowed are {', '.join(options)}" for name in given if name not in options}
        for name in given.keys() & options.keys():
            problem = options[name].problem(given[name])
            if problem:
                problems[name] = problem
        resolved = {name: given.get(name, option.default) for name, option in options.items()}
        problems = problems or _contradictions(resolved)
        if problems:
            raise InvalidOptions(problems)
        return resolved

    def describe(self) -> dict[str, Any]:
        """The type as JSON."""
        return asdict(self)

    @classmethod
    def from_description(cls, description: dict[str, Any]) -> Self:
        options = tuple(Option(**option) for option in description["options"])
        return cls(**{**description, "options": options})


def _contradictions(options: dict[str, int]) -> dict[str, str]:
    problems = {}
    if options["minRepetitions"] > options["maxRepetitions"]:
        problems["minRepetitions"] = f"is over maxRepetitions ({options['maxRepetitions']})"
    needed = options["promptTokens"] + options["outputTokens"] + HEADROOM_TOKENS
    if needed > options["contextLength"]:
        problems["contextLength"] = f"must be {needed} at least: promptTokens + outputTokens + {HEADROOM_TOKENS}"
    return problems
