"""When a comparison fails, when it passes, and when it is undecided."""

from typing import Any

import click
import pytest

from cli.conditions.fail_on import Condition, ConditionType, State, evaluated, of_verdict

SLOWER = Condition("slower")
BY_FIVE = Condition("slower", 5.0)


def verdict(outcome: str, low: float, high: float, unit: str = "%") -> dict[str, Any]:
    change = {"change": (low + high) / 2, "changeUnit": unit, "interval": [low, high], "confidence": 97.0}
    return {"outcome": outcome, "sentence": "B and A.", "reasons": ["too little is known"], **change}


@pytest.mark.parametrize(
    ("outcome", "low", "high", "condition", "state"),
    [
        ("slower", -9.0, -6.0, BY_FIVE, State.MET),
        ("slower", -9.0, -5.0, BY_FIVE, State.MET),
        ("slower", -9.0, -4.0, BY_FIVE, State.UNKNOWN),  # it is slower, and by 5 % or not
        ("slower", -4.0, -2.0, BY_FIVE, State.EXCLUDED),
        ("slower", -4.0, -2.0, SLOWER, State.MET),
        ("no clear difference", -9.0, 3.0, BY_FIVE, State.UNKNOWN),  # the comparison sees too little
        ("no clear difference", -3.0, 3.0, BY_FIVE, State.EXCLUDED),
        ("no clear difference", -9.0, 3.0, SLOWER, State.EXCLUDED),
        ("no clear difference", -9.0, -6.0, BY_FIVE, State.UNKNOWN),  # clear alone, and not among many
        ("faster", 6.0, 9.0, BY_FIVE, State.EXCLUDED),
        ("worse", -9.0, -6.0, SLOWER, State.EXCLUDED),  # not a speed
        ("worse", -9.0, -6.0, Condition("worse"), State.MET),
        ("differs in these two sessions", -60.0, -50.0, BY_FIVE, State.UNKNOWN),
        ("too few runs to compare", -60.0, -50.0, SLOWER, State.UNKNOWN),
        ("not comparable", -60.0, -50.0, SLOWER, State.UNKNOWN),
    ],
)
def test_the_whole_interval_decides(outcome: str, low: float, high: float, condition: Condition, state: State) -> None:
    assert of_verdict(verdict(outcome, low, high), "higher", condition).state == state
    assert of_verdict(verdict(outcome, -high, -low), "lower", condition).state == state


def test_what_is_not_known_in_percent_is_not_held_against_a_limit_in_percent() -> None:
    in_points = verdict("worse", -9.0, -6.0, "points")
    assert of_verdict(in_points, "higher", Condition("worse", 5.0)).state == State.UNKNOWN
    without = verdict("slower", -9.0, -6.0) | {"interval": None}
    assert of_verdict(without, "higher", BY_FIVE).state == State.UNKNOWN


def test_tests_that_failed_or_cannot_be_compared_are_unknown_once() -> None:
    cell = {"letter": "B", "against": "A", "absence": "no runs", "verdict": None}
    row = {"label": "decode", "better": "higher", "isHeadline": True, "cells": [cell]}
    test = {"testType": "decode", "failed": {"A": "it broke", "B": "it broke"}, "obstacles": {}, "rows": [row]}
    columns = [{"letter": "A", "title": "before"}, {"letter": "B", "title": "after"}]
    assert [(each.state, each.sentence) for each in evaluated({"columns": columns, "tests": [test]}, SLOWER)] == [
        (State.UNKNOWN, "decode of before; after: it broke")
    ]
    [absent] = evaluated({"columns": columns, "tests": [test | {"failed": {}}]}, SLOWER)
    assert (absent.state, absent.sentence) == (State.UNKNOWN, "decode of after: no runs")
    assert [each.state for each in evaluated({"columns": [], "tests": []}, SLOWER)] == [State.UNKNOWN]


@pytest.mark.parametrize(
    ("written", "condition"),
    [("slower", SLOWER), ("slower:5%", BY_FIVE), ("slower:2.5 %", Condition("slower", 2.5))],
)
def test_conditions_are_read(written: str, condition: Condition) -> None:
    assert ConditionType(["slower"]).convert(written, None, None) == condition


@pytest.mark.parametrize("written", ["", "slower:", "slower:5", "slower:-5%", "faster", "regression:5%", "slower:x%"])
def test_other_conditions_are_refused(written: str) -> None:
    with pytest.raises(click.BadParameter):
        ConditionType(["slower", "regression"]).convert(written, None, None)
