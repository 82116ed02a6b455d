"""`--fail-on`: what makes a comparison fail in CI, and what it says if that is undecided."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import click

from cli.exit_codes import ExitCode
from cli.invocation import Invocation
from common.values.free_json import Json

CONDITION = re.compile(r"(?P<kind>[a-z]+)(:(?P<limit>\d+(\.\d+)?)\s*%)?")
PERCENT = "%"
CLEAR = {"slower": ("slower",), "worse": ("slower", "worse")}
"""By condition: the outcomes of a comparison that may fulfil it."""
FASTER = ("faster", "better")
EVALUATED = (*CLEAR["worse"], *FASTER, "no clear difference")
"""Outcomes of comparisons that could be made. Others say why they could not."""


class State(StrEnum):
    """What is known of a condition."""

    MET = "met"
    EXCLUDED = "excluded"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Condition:
    """A change for the worse of at least `limit` percent; of any size if the limit is 0."""

    kind: str
    limit: float = 0.0

    def __str__(self) -> str:
        return f"{self.kind} by at least {self.limit:g} %" if self.limit else self.kind


@dataclass(frozen=True)
class Evaluation:
    """What is known of a condition for one number, and why."""

    state: State
    sentence: str


class ConditionType(click.ParamType[Condition]):
    name = "condition"

    def __init__(self, kinds: Sequence[str]) -> None:
        self._kinds = kinds

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Condition:  # noqa: ANN401 - as in click
        found = CONDITION.fullmatch(value)
        if not found or found["kind"] not in self._kinds or (found["limit"] and found["kind"] not in CLEAR):
            self.fail(f"{value!r} is not one of {', '.join(self._kinds)}, or slower:5%.", param, ctx)
        return Condition(found["kind"], float(found["limit"] or 0))


def condition_option(*kinds: str) -> Callable[[Any], Any]:
    written = " or ".join([*kinds, "slower:5%"])
    return click.option("--fail-on", type=ConditionType(kinds), metavar="CONDITION", help=f"End with 3 if {written}.")


strict_option = click.option("--strict", is_flag=True, help="End with 4 if --fail-on is undecided.")


def evaluated(comparison: Json, condition: Condition) -> list[Evaluation]:
    """Evaluate each headline metric of each candidate. A failed or incomparable test is unknown."""
    titles = {column["letter"]: column["title"] for column in comparison["columns"]}
    found = [evaluation for test in comparison["tests"] for evaluation in _of_test(test, titles, condition)]
    return found or [Evaluation(State.UNKNOWN, "There is nothing to compare.")]


def _of_test(test: Json, titles: Mapping[str, str], condition: Condition) -> Iterator[Evaluation]:
    reasons = [*test["failed"].items(), *((letter, "; ".join(why)) for letter, why in test["obstacles"].items())]
    for reason in dict.fromkeys(why for _, why in reasons):
        whose = "; ".join(titles[letter] for letter, why in reasons if why == reason)
        yield Evaluation(State.UNKNOWN, f"{test['testType']} of {whose}: {reason}")
    for row in test["rows"]:
        for cell in row["cells"] if row["isHeadline"] and row["better"] != "neither" else []:
            if cell["verdict"]:
                yield of_verdict(cell["verdict"], row["better"], condition)
            elif cell["letter"] != cell["against"] and cell["letter"] not in test["failed"]:
                why = cell["absence"] or "no verdict"
                yield Evaluation(State.UNKNOWN, f"{row['label']} of {titles[cell['letter']]}: {why}")


def of_verdict(verdict: Json, better: str, condition: Condition) -> Evaluation:
    """Evaluate one difference: its whole interval must be beyond the limit, or short of it."""
    outcome, sentence = verdict["outcome"], verdict["sentence"]
    if outcome not in EVALUATED:
        return Evaluation(State.UNKNOWN, " ".join([sentence, *(f"Reason: {why}." for why in verdict["reasons"])]))
    least, most = _harm(verdict, better)
    is_clear = outcome in CLEAR[condition.kind]
    if not condition.limit:
        return Evaluation(State.MET if is_clear else State.EXCLUDED, sentence)
    if verdict["changeUnit"] != PERCENT or least is None or most is None:
        return Evaluation(State.UNKNOWN, f"{sentence} It is not known in percent.")
    if is_clear and least >= condition.limit:
        return Evaluation(State.MET, f"{sentence} Confidence: {verdict['confidence']:g} %.")
    if most < condition.limit or outcome in FASTER:
        return Evaluation(State.EXCLUDED, sentence)
    return Evaluation(State.UNKNOWN, f"{sentence} The change may be smaller or larger than {condition.limit:g} %.")


def _harm(verdict: Json, better: str) -> tuple[float | None, float | None]:
    """Return the bounds of the change for the worse: a positive one is worse."""
    low, high = verdict["interval"] or (None, None)
    if better == "lower" or low is None or high is None:
        return low, high
    return -high, -low


def verdict_code(gait: Invocation, evaluations: Sequence[Evaluation], *, strict: bool) -> ExitCode:
    """Say what meets the condition and what leaves it open, and return the exit code."""
    met, unknown = ([each for each in evaluations if each.state == state] for state in (State.MET, State.UNKNOWN))
    for heading, found in (("Failed", met), ("Undecided", unknown)):
        for evaluation in found:
            gait.say(f"{heading}: {evaluation.sentence}")
    if met:
        return ExitCode.CHANGED
    return ExitCode.UNKNOWN if unknown and strict else ExitCode.DONE
