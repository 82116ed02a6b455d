"""The command lines of the processes, as an operator types them."""

import re
import subprocess
import sys

import pytest

from testbed import ROOT

SETTINGS = (ROOT / "docs" / "settings.md").read_text()


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", *arguments], capture_output=True, text=True, check=False)


def settings_in(text: str) -> set[str]:
    return set(re.findall(r"\b[A-Z]+(?:_[A-Z]+)*\b", text))


def documented(*readers: str) -> set[str]:
    """Return the settings that one of these processes reads, by docs/settings.md."""
    rows = [[cell.strip() for cell in row.split("|")[1:-1]] for row in SETTINGS.splitlines() if row.startswith("| `")]
    return {name for row in rows if set(row[-1].split(", ")) & {"all", *readers} for name in settings_in(row[0])}


@pytest.mark.parametrize("process", ["worker", "sampler", "scheduler"])
def test_help_lists_the_settings_of_the_process(process: str) -> None:
    answer = run(process, "--help")
    listed = answer.stdout.partition("process reads")[2].partition(". docs/")[0]
    assert (answer.returncode, answer.stderr) == (0, "")
    assert settings_in(listed) == documented(process)


@pytest.mark.parametrize(
    "command",
    [["worker", "--burst"], ["sampler", "now"], ["scheduler", "once"]],
)
def test_unknown_arguments_are_refused_with_a_usage_line(command: list[str]) -> None:
    answer = run(*command)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert answer.stderr.startswith(f"usage: python -m {command[0]} ")
