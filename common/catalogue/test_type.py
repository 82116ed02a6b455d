"""The declaration of a test type, and how the options of a test follow from it."""

from dataclasses import dataclass
from enum import StrEnum
from itertools import product
from math import prod

from common.catalogue import effort
from common.catalogue.charts import Chart
from common.catalogue.effort import Effort
from common.catalogue.options import InvalidOptions, Option, Options, Value

HEADROOM_TOKENS = 64
"""Context beyond prompt and output. The server silently cuts a prompt that does not fit."""

MIN_CONTEXT = 2048
"""Tests that need less share this length, so that the model is not loaded again between them."""

Point = dict[str, int | float | str]
"""The values that one point of a test is measured at: `{"promptTokens": 1024}`."""


class AnswerKind(StrEnum):
    """Which value of a metric is the answer."""

    MAIN_POINT = "main-point"  # at the point that represents the test
    LARGEST = "largest"  # at the point at which it is largest
    KEPT = "kept"  # at the last point, in percent of that at the first


@dataclass(frozen=True)
class AnswerRule:
    """The answer is a value of `metric`. `label` names it if it is not the metric itself."""

    metric: str
    kind: AnswerKind = AnswerKind.MAIN_POINT
    label: str = ""


@dataclass(frozen=True)
class TestType:
    """What can be tested, as data for the API and the worker.

    `title` says in plain words what it measures. `headline` is the metric by which tests are compared and repeated. It
    answers the `question` too, unless there is an `answer`. The pages show the `beside` metrics next to the answer, and
    the `charts`. `context_terms` is what the context must hold, as a sum of
    products of options: `(("turns", "promptTokens"), ("outputTokens",))` is turns × promptTokens + outputTokens. Each
    value of the options `alternatives` is a point of its own. If only one of these is given, the others have no values.
    `suggested` test types are preselected in the form for a new session. `alternates` is False if runs of other models
    in between would change the result. `needs` is the capability of a model that can be tested, as Ollama lists it.
    `represented_by` says in words which point's metrics are those of the test.
    """

    name: str
    title: str
    question: str
    headline: str
    options: tuple[Option, ...]
    context_terms: tuple[tuple[str, ...], ...] = (("promptTokens",), ("outputTokens",))
    answer: AnswerRule | None = None
    beside: tuple[str, ...] = ()
    charts: tuple[Chart, ...] = ()
    alternatives: tuple[str, ...] = ()
    suggested: bool = False
    alternates: bool = True
    needs: str = "completion"
    represented_by: str = "its only point"

    def resolve(self, given: Options, session_effort: Effort = Effort.STANDARD) -> dict[str, Value]:
        """Return a value for each option: the given one, else the default, which may follow from the session's effort.

        Raises:
            InvalidOptions: for unknown names, values out of range, and values that contradict each other.
        """
        allowed = {option.name: option for option in self.options}
        problems = {
            name: f"is not an option of {self.name}; allowed are {', '.join(allowed)}"
            for name in given
            if name not in allowed
        }
        resolved: dict[str, Value] = {}
        for name, option in allowed.items():
            try:
                resolved[name] = option.resolve(given.get(name, self._default(option, given)))
            except ValueError as error:
                problems[name] = str(error)
        resolved |= _repetitions(resolved, session_effort)
        problems = problems or self._contradictions(resolved)
        if problems:
            raise InvalidOptions(problems)
        return resolved

    def _default(self, option: Option, given: Options) -> Value | tuple[int, ...]:
        is_replaced = option.name in self.alternatives and any(given.get(name) for name in self.alternatives)
        return () if is_replaced else option.default

    def _contradictions(self, options: Options) -> dict[str, str]:
        problems = {}
        if self.alternatives and not any(options[name] for name in self.alternatives):
            problems[self.alternatives[0]] = f"give at least one value of {' or '.join(self.alternatives)}"
        if options.get(effort.MINIMUM, 0) > options.get(effort.MAXIMUM, 0):
            problems[effort.MINIMUM] = f"is larger than {effort.MAXIMUM} ({options[effort.MAXIMUM]})"
        context, needed = options.get("contextLength"), self.context_for(options)
        if context is not None and context < needed:
            terms = " + ".join(" × ".join(term) for term in self.context_terms)
            problems["contextLength"] = f"must be at least {needed}: {terms} + {HEADROOM_TOKENS}"
        return problems

    def context_for(self, options: Options) -> int:
        """Return the tokens that the context must hold, at the largest value of each option."""
        return sum(prod(_largest(options[name]) for name in term) for term in self.context_terms) + HEADROOM_TOKENS

    def context_length(self, options: Options, limit: int | None = None) -> int:
        """Return num_ctx: the option if it is set, else what the test needs, up to the model's own `limit`."""
        requested = options.get("contextLength")
        if isinstance(requested, int):
            return requested
        wanted = max(self.context_for(options), MIN_CONTEXT)
        return wanted if limit is None else min(wanted, limit)

    def points(self, options: Options) -> list[Point]:
        """Return each combination of the values of `multiple` options; one empty point if there are no such options."""
        names = [option.name for option in self.options if option.multiple and option.name not in self.alternatives]
        common = [dict(zip(names, values, strict=True)) for values in product(*(options[name] for name in names))]
        own = [{name: value} for name in self.alternatives for value in options[name]] or [{}]
        return [{**point, **alternative} for point in common for alternative in own]


def _repetitions(resolved: Options, session_effort: Effort) -> dict[str, int]:
    """Return the options of the type that follow from the effort, unless they are given."""
    own = [name for name in effort.REPETITIONS if name in resolved]
    given = {name: resolved[name] for name in own if resolved[name] is not None}
    return {name: value for name, value in effort.repetitions(session_effort, given).items() if name in own}


def _largest(value: int | list[int]) -> int:
    return value if isinstance(value, int) else max(value)
