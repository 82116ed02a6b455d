"""The calls to the kernel that set the priority. The calls are faked, so that the tests keep theirs."""

import os
from collections.abc import Callable

import pytest

from sampler.loop import priority

Calls = list[tuple[object, ...]]


def fake(calls: Calls, *, allowed: bool) -> Callable[..., None]:
    def call(*arguments: object) -> None:
        calls.append(arguments)
        if not allowed:
            raise PermissionError(1, "Operation not permitted")

    return call


@pytest.fixture
def calls() -> Calls:
    return []


def test_real_time_is_enough_if_it_is_allowed(monkeypatch: pytest.MonkeyPatch, calls: Calls) -> None:
    monkeypatch.setattr(os, "sched_setscheduler", fake(calls, allowed=True))
    monkeypatch.setattr(os, "setpriority", fake(calls, allowed=False))
    assert priority.raise_own() is None
    assert [arguments[:2] for arguments in calls] == [(0, os.SCHED_RR)]


def test_a_lower_nice_value_is_the_second_choice(monkeypatch: pytest.MonkeyPatch, calls: Calls) -> None:
    monkeypatch.setattr(os, "sched_setscheduler", fake(calls, allowed=False))
    monkeypatch.setattr(os, "setpriority", fake(calls, allowed=True))
    assert priority.raise_own() is None
    assert calls[1] == (os.PRIO_PROCESS, 0, priority.NICE)


def test_the_reason_gives_advice_if_neither_is_allowed(monkeypatch: pytest.MonkeyPatch, calls: Calls) -> None:
    monkeypatch.setattr(os, "sched_setscheduler", fake(calls, allowed=False))
    monkeypatch.setattr(os, "setpriority", fake(calls, allowed=False))
    assert "LimitRTPRIO=1" in (priority.raise_own() or "")


def test_nice_is_used_if_there_is_no_real_time(monkeypatch: pytest.MonkeyPatch, calls: Calls) -> None:
    monkeypatch.delattr(os, "sched_setscheduler")
    monkeypatch.setattr(os, "setpriority", fake(calls, allowed=True))
    assert priority.raise_own() is None
    assert len(calls) == 1
