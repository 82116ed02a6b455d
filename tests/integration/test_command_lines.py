"""The command lines of the processes, as an operator types them."""

import importlib
import re
import sys

import pytest

from testbed import ROOT

SETTINGS = (ROOT / "docs" / "settings.md").read_text()


def exit_code(process: str, *arguments: str) -> object:
    """Return how a process ends that these arguments do not let start."""
    main = importlib.import_module(f"{process}.__main__").main
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", [process, *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
    return ended.value.code


def settings_in(text: str) -> set[str]:
    return set(re.findall(r"\b[A-Z]+(?:_[A-Z]+)*\b", text))


def documented(*readers: str) -> set[str]:
    """Return the settings that one of these processes reads, by docs/settings.md."""
    rows = [[cell.strip() for cell in row.split("|")[1:-1]] for row in SETTINGS.splitlines() if row.startswith("| `")]
    return {name for row in rows if set(row[-1].split(", ")) & {"all", *readers} for name in settings_in(row[0])}


@pytest.mark.parametrize("process", ["worker", "sampler", "scheduler"])
def test_help_lists_the_settings_of_the_process(process: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(process, "--help") == 0
    shown = capsys.readouterr()
    listed = shown.out.partition("process reads")[2].partition(". docs/")[0]
    assert shown.err == ""
    assert settings_in(listed) == documented(process)


@pytest.mark.parametrize(
    "command",
    [["worker", "--burst"], ["sampler", "now"], ["scheduler", "once"]],
)
def test_unknown_arguments_are_refused_with_a_usage_line(
    command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code(*command) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith(f"usage: python -m {command[0]} ")
