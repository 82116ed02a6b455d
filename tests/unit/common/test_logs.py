import logging
import sys
import threading
from collections.abc import Callable

import pytest
import structlog

from common.process.logs import configure


def _of_the_library(error: BaseException) -> None:
    logging.getLogger("test").error("it failed", exc_info=error)


def _of_structlog(error: BaseException) -> None:
    structlog.get_logger("test").error("it failed", exc_info=error)


def _uncaught(error: BaseException) -> None:
    sys.excepthook(type(error), error, error.__traceback__)


@pytest.mark.parametrize("log", [_of_the_library, _of_structlog, _uncaught])
@pytest.mark.parametrize("log_format", ["text", "json"])
def test_a_traceback_shows_no_values_and_no_message(
    log_format: str, log: Callable[[BaseException], None], capsys: pytest.CaptureFixture[str]
) -> None:
    root = logging.getLogger()
    before = root.handlers[:], root.level, sys.excepthook, threading.excepthook
    try:
        configure(log_format)
        _fail_with("horse", log)
    finally:
        root.handlers[:], root.level, sys.excepthook, threading.excepthook = before
        structlog.reset_defaults()
    output = capsys.readouterr().err
    assert "ZeroDivisionError" in output
    assert "_fail_with" in output
    assert "horse" not in output


def _fail_with(secret: str, log: Callable[[BaseException], None]) -> None:
    try:
        raise ZeroDivisionError(secret)  # noqa: TRY301 - its traceback is the subject
    except ZeroDivisionError as error:
        log(error)
