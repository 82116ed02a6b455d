"""`python -m tests [quick]`: run the suite, first side by side, then the tests that need a core for themselves.

What the tests need is fetched before: a Chromium and an Ollama. The last line counts the tests that were left out.
"""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

from local.ollama.server import find_ollama
from local.processes import CannotStart
from testbed import ROOT, chromium

OLLAMA_HOME = ROOT / "var" / "ollama"
REPORTS = ROOT / "var" / "log"
CORES = os.cpu_count() or 1
WORKERS = {"not serial": min(2 * CORES, 8), "serial": min(CORES, 2)}
"""Numbers of tests that run at once, by part.

Half of a test's time is waiting, so two tests share a core. A serial test has a core for itself.
"""
GROUPED = ("--dist=loadscope", "--no-loadscope-reorder")
ALL = ("tests",)
QUICK = ("tests/unit", "tests/integration")
"""Folders with fast tests."""
NO_TESTS = 5
INTERRUPTED = 2


def main(*arguments: str) -> int:
    quick = arguments == ("quick",)
    fetch(browser=not quick)
    left_out, statuses = Counter[str](), set[int]()
    for part, workers in WORKERS.items():
        report = REPORTS / f"tests-{part.replace(' ', '-')}.xml"
        marks = f"{part} and not slow" if quick else part
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-m",
            marks,
            f"--junitxml={report}",
            f"--numprocesses={workers}",
            *GROUPED,
            *paths(part, QUICK if quick else ALL),
        ]
        statuses.add(subprocess.run(command, cwd=ROOT, env=environment(), check=False).returncode)
        if INTERRUPTED in statuses:
            return INTERRUPTED
        left_out += skipped(report)
    print(summary(left_out))
    return int(bool(statuses - {0, NO_TESTS}))


def paths(part: str, folders: Sequence[str]) -> list[str]:
    """Return what to collect. That is slow, so the serial part is sought only in files that have it."""
    if part != "serial":
        return list(folders)
    files = (path for folder in folders for path in sorted((ROOT / folder).rglob("test_*.py")))
    return [str(path) for path in files if "mark.serial" in path.read_text()]


def environment() -> dict[str, str]:
    """Return the environment, but let Python keep compiled code: the tests start hundreds of processes."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def fetch(*, browser: bool) -> None:
    """Fetch what is missing. If it cannot be had, tests that need it fail or are left out."""
    try:
        find_ollama(OLLAMA_HOME, print)
    except CannotStart as error:
        print(error)
    if browser:
        chromium.install(print)


def skipped(report: Path) -> Counter[str]:
    """Return the number of skipped tests of a report by their reasons."""
    found = ET.parse(report).getroot()  # noqa: S314 - pytest has just written it
    return Counter(skip.get("message", "") for skip in found.iter("skipped"))


def summary(left_out: Counter[str]) -> str:
    if not left_out:
        return "No test was left out."
    reasons = " ".join(f"{count}: {reason}" for reason, count in left_out.most_common())
    return f"Tests that were left out: {left_out.total()}. {reasons}"


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
