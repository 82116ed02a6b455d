"""The command `gait` as a whole: its help, its processes and its ends."""

import subprocess
import sys
from pathlib import Path

from testbed import ROOT


def gait(*arguments: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run the command as a person does, whose working folder may be any."""
    program = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from cli.__main__ import main; sys.exit(main())"
    return subprocess.run(
        [sys.executable, "-P", "-c", program, *arguments], cwd=folder, capture_output=True, text=True, check=False
    )


def test_an_unknown_command_is_wrong_usage() -> None:
    ended = gait("nope")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "No such command 'nope'" in ended.stderr


def test_a_process_takes_the_commands_place_from_any_folder(tmp_path: Path) -> None:
    ended = gait("sampler", "--", "--help", folder=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.startswith("usage: python -m sampler ")
