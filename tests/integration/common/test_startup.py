import os
import subprocess
import sys

import pytest

from common.errors import ConfigurationError
from common.process.startup import starting


def test_a_process_that_cannot_start_gives_the_cause() -> None:
    with (
        pytest.raises(SystemExit, match=r"^The worker does not start: PORT: Not a valid integer\.$"),
        starting("worker"),
    ):
        raise ConfigurationError("PORT: Not a valid integer.")


def test_an_unexpected_error_keeps_its_traceback() -> None:
    with pytest.raises(ZeroDivisionError), starting("worker"):
        raise ZeroDivisionError


@pytest.mark.parametrize(
    ("wrong", "cause"),
    [
        ({"LOG_FORMAT": "xml"}, "LOG_FORMAT: Must be one of: text, json."),
        ({"DATABASE_URL": "sqlite:////dev/null/gait.db"}, "the database cannot be opened: "),
    ],
)
def test_a_worker_that_cannot_start_gives_the_cause(wrong: dict[str, str], cause: str) -> None:
    command = [sys.executable, "-m", "worker"]
    ended = subprocess.run(command, env=os.environ | wrong, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1].startswith(f"The worker does not start: {cause}")
    assert "Traceback" not in ended.stderr
