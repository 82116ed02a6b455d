"""What is asked of the kernel; to be granted it, and to keep it, is not for a test's process."""

import os
from collections.abc import Callable

import pytest

from sampler import priority

Asked = list[tuple[object, ...]]


def answer(asked: Asked, *, allowed: bool) -> Callable[..., None]:
    def call(*arguments: object) -> None:
        asked.append(arguments)
        if not allowed:
            raise PermissionError(1, "Operation not permitted")

    return call


@pytest.fixture
def asked() -> Asked:
    return []


def test_where_real_time_is_allowed_nothing_else_is_asked(monkeypatch: pytest.MonkeyPatch, asked: Asked) -> None:
    monkeypatch.setattr(os, "sched_setscheduler", answer(asked, allowed=True))
    monkeypatch.setattr(os, "setpriority", answer(asked, allowed=False))
    assert priority.raise_own() is None
    assert [arguments[:2] for arguments in asked] == [(0, os.SCHED_RR)]


def test_else_to_be_less_nice_will_do(monkeypatch: pytest.MonkeyPatch, asked: Asked) -> None:
    monkeypatch.setattr(os, "sched_setscheduler", answer(asked, allowed=False))
    monkeypatch.setattr(os, "setpriority", answer(asked, allowed=True))
    assert priority.raise_own() is None
    assert asked[1] == (os.PRIO_PROCESS, 0, priority.NICE)


def test_where_neither_is_allowed_the_reason_says_what_to_do(monkeypatch: pytest.MonkeyPatch, asked: Asked) -> None:
    monkeypatch.setattr(os, "sched_setscheduler", answer(asked, allowed=False))
    monkeypatch.setattr(os, "setpriority", answer(asked, allowed=False))
    assert "LimitRTPRIO=1" in (priority.raise_own() or "")


def test_where_there_is_no_real_time_the_other_is_asked(monkeypatch: pytest.MonkeyPatch, asked: Asked) -> None:
    monkeypatch.delattr(os, "sched_setscheduler")
    monkeypatch.setattr(os, "setpriority", answer(asked, allowed=True))
    assert priority.raise_own() is None
    assert len(asked) == 1
