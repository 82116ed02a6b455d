import json
import logging
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import structlog

from common.errors import GaitError
from common.process.logs import configure


def _of_the_library(error: BaseException) -> None:
    logging.getLogger("test").error("it failed", exc_info=error)


def _of_structlog(error: BaseException) -> None:
    structlog.get_logger("test").error("it failed", exc_info=error)


def _uncaught(error: BaseException) -> None:
    sys.excepthook(type(error), error, error.__traceback__)


FORMATS = pytest.mark.parametrize("log_format", ["text", "json"])


@contextmanager
def logging_as(log_format: str) -> Iterator[None]:
    root = logging.getLogger()
    before = root.handlers[:], root.level, sys.excepthook, threading.excepthook
    try:
        configure(log_format)
        yield
    finally:
        root.handlers[:], root.level, sys.excepthook, threading.excepthook = before


@FORMATS
@pytest.mark.parametrize("log", [_of_the_library, _of_structlog, _uncaught])
def test_a_traceback_shows_no_values_and_no_message(
    log_format: str, log: Callable[[BaseException], None], capsys: pytest.CaptureFixture[str]
) -> None:
    with logging_as(log_format):
        _fail_with("horse", log)
    output = capsys.readouterr().err
    assert "ZeroDivisionError" in output
    assert "_fail_with" in output
    assert "horse" not in output


HOSTILE = (
    "a\r\n2026-01-01 [info] forged\x1b[31m\x1b]0;title\x07\x7f\x85\x9b\u200b\u2028\u202e\u2066\ufeff\ud800\U000e0041"
)


@FORMATS
@pytest.mark.parametrize(
    "log",
    [
        lambda: logging.getLogger("test").warning(HOSTILE),
        lambda: logging.getLogger("test").warning("model %s", HOSTILE),
        lambda: logging.getLogger(HOSTILE).warning("a logger's name"),
        lambda: structlog.get_logger("test").warning(HOSTILE),
        lambda: structlog.get_logger("test").warning("an answer", answer=HOSTILE),
        lambda: structlog.get_logger("test").warning(
            "answers", answers=[{"text": HOSTILE}, HOSTILE.encode("utf-8", "replace")]
        ),
        lambda: logging.getLogger("test").warning("it failed", exc_info=GaitError(HOSTILE)),
        lambda: logging.getLogger("test").warning("it failed", exc_info=OSError(2, HOSTILE)),
    ],
)
def test_text_of_others_neither_forges_nor_colours_a_line(
    log_format: str, log: Callable[[], None], capsys: pytest.CaptureFixture[str]
) -> None:
    with logging_as(log_format):
        log()
    output = capsys.readouterr().err
    assert output.endswith("\n")
    assert all(each.isprintable() or each == "\n" for each in output)
    assert not [line for line in output.splitlines() if line.startswith("2026-01-01")]
    assert "\\x1b" in output or "\\u001b" in output
    if log_format == "json":
        [line] = output.splitlines()
        assert json.loads(line)["level"] == "warning"


def _fail_with(secret: str, log: Callable[[BaseException], None]) -> None:
    try:
        raise ZeroDivisionError(secret)  # noqa: TRY301 - its traceback is the subject
    except ZeroDivisionError as error:
        log(error)
