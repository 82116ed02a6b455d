"""The loop of the duties."""

import logging
import threading

import pytest
from flask import Flask, current_app

from common.errors import Unavailable
from scheduler.duty import Duty
from scheduler.loop import Loop

APP = Flask("scheduler")
WAIT_S = 30


class Failing:
    """A duty that fails until it is mended."""

    def __init__(self, error: Exception) -> None:
        self.error = error
        self.failed, self.done = threading.Event(), threading.Event()
        self.mended = False
        self.attempts = 0

    def __call__(self) -> None:
        self.attempts += 1
        if self.mended:
            self.done.set()
            return
        if self.attempts == 3:
            self.failed.set()
        raise self.error


@pytest.mark.parametrize(
    ("error", "logged"),
    [
        (Unavailable("The database does not respond."), "The database does not respond."),
        (RuntimeError("a secret"), "RuntimeError"),
    ],
)
def test_a_failing_duty_is_tried_again_and_logged_once(
    error: Exception, logged: str, caplog: pytest.LogCaptureFixture
) -> None:
    duty = Failing(error)
    loop = Loop(APP, [Duty("sweep", 0.001, duty)])
    with caplog.at_level(logging.INFO):
        loop.start()
        assert duty.failed.wait(WAIT_S)
        duty.mended = True
        assert duty.done.wait(WAIT_S)
        loop.stop()
    messages = [f"{record.message} {record.exc_text or ''}" for record in caplog.records]
    assert len(messages) == 2, messages
    assert messages[0].startswith("sweep failed, and is tried again")
    assert logged in messages[0]
    assert messages[1].startswith("sweep works again")


def test_a_duty_that_hangs_delays_neither_the_others_nor_the_end() -> None:
    release, other, name = threading.Event(), threading.Event(), []

    def look() -> None:
        name.append(current_app.name)
        other.set()

    loop = Loop(APP, [Duty("hangs", 60, lambda: (release.wait(), None)[1]), Duty("other", 60, look)])
    loop.start()
    assert other.wait(WAIT_S)
    release.set()
    loop.stop()
    assert name == ["scheduler"]
    assert not [thread for thread in threading.enumerate() if thread.name in ("hangs", "other")]
