"""`python -m tests [quick]`: run the suite, first side by side, then the tests that want the machine for themselves.

What the tests need is fetched before: a Chromium and an Ollama. The last line counts the tests that were left out.
"""

import sys
from collections import Counter

import pytest

from local.ollama.server import find_ollama
from local.processes import CannotStart
from testbed import chromium
from tests.conftest import OLLAMA_HOME

WORKERS = ("--numprocesses=logical", "--maxprocesses=4", "--dist=loadscope", "--no-loadscope-reorder")
PARTS = {"not serial": WORKERS, "serial": ()}


class LeftOut:
    """Counts skipped tests by reason."""

    def __init__(self) -> None:
        self.reasons = Counter[str]()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped and isinstance(report.longrepr, tuple):
            self.reasons[report.longrepr[2].removeprefix("Skipped: ")] += 1

    def __str__(self) -> str:
        if not self.reasons:
            return "No test was left out."
        reasons = "; ".join(f"{count} because {reason}" for reason, count in self.reasons.most_common())
        return f"{self.reasons.total()} tests were left out: {reasons}"


def main(*arguments: str) -> int:
    quick = arguments == ("quick",)
    fetch(browser=not quick)
    left_out, failed = LeftOut(), False
    for part, options in PARTS.items():
        expression = f"{part} and not slow" if quick else part
        status = pytest.main(["-q", "-m", expression, *options], plugins=[left_out])
        if status == pytest.ExitCode.INTERRUPTED:
            return status
        failed |= status not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
    print(left_out)
    return int(failed)


def fetch(*, browser: bool) -> None:
    """Fetch what is missing. Tests are left out, or fail, where it cannot be had."""
    try:
        find_ollama(OLLAMA_HOME, print)
    except CannotStart as error:
        print(error)
    if browser:
        chromium.install(print)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
