"""Virtual environments of other tools, which are made once, and their commands."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

HUGGING_FACE = Path("var/peers/huggingface")
"""The cache of Hugging Face that the tools use. They are kept off the network."""
LAST_LINES = 5


class ToolFailed(Exception):
    """A tool could not be installed, or its command failed. The message says so to a person."""


def make(folder: Path, lock: Path, names: str, size: str, *, finish: Callable[[], None] = lambda: None) -> None:
    """Install the versions pinned in `lock` into `folder`, unless they are there, and `finish`. Raises ToolFailed."""
    stamp = folder / "installed"
    if stamp.exists() and stamp.read_text() == lock.read_text():
        return
    print(f"Installing {names} into {folder} (once; {size})", flush=True)
    folder.mkdir(parents=True, exist_ok=True)
    log, venv = folder / "install.log", folder / "venv"
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(venv / "bin/python")]
    run([sys.executable, "-m", "venv", "--clear", "--without-pip", str(venv)], log)
    run([*pip, "install", "--require-hashes", "--requirement", str(lock)], log)
    finish()
    stamp.write_text(lock.read_text())


def run(command: list[str], log: Path, limit_s: float | None = None) -> None:
    """Run the command with its output in the log. Raises ToolFailed with the log's last lines."""
    offline = {"HF_HOME": str(HUGGING_FACE.resolve()), "HF_HUB_OFFLINE": "1", "NO_PROXY": "127.0.0.1"}
    with (
        log.open("w") as output,
        subprocess.Popen(
            command, stdout=output, stderr=output, env=os.environ | offline, start_new_session=True
        ) as process,
    ):
        try:
            process.wait(limit_s)
        except subprocess.TimeoutExpired as error:
            raise ToolFailed(f"{log.stem} did not finish within {limit_s} s. Its log is {log}.") from error
        finally:
            _end(process)
    if process.returncode:
        last = "\n".join(log.read_text().splitlines()[-LAST_LINES:])
        raise ToolFailed(f"{log.stem} failed. The whole log is {log}.\n{last}")


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill the process and its children: a tool that is stopped leaves its workers behind."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
