import logging

import pytest
import structlog

from common.process.logs import configure


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_a_traceback_shows_no_values(log_format: str, capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    try:
        configure(log_format)
        _fail_with("horse")
    finally:
        root.handlers[:], root.level = before
        structlog.reset_defaults()
    output = capsys.readouterr().err
    assert "ZeroDivisionError" in output
    assert "_fail_with" in output
    assert "horse" not in output


def _fail_with(secret: str) -> None:
    try:
        assert len(secret) / 0
    except ZeroDivisionError:
        logging.getLogger("test").exception("it failed")
