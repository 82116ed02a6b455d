"""Make .venv and install one lock file into it: `python3 local/install.py local`.

This runs before anything is installed, so it uses only the standard library and only syntax of older Pythons.
"""

import importlib.util
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

OLDEST = (3, 11)
VENV = Path(".venv")
LOG = Path("var/log/install.log")
LAST_LINES = 15
DURATION = {"local": "about a minute", "dev": "two or three minutes"}
COMMAND = """#!{python}
import sys

sys.path.insert(0, {clone!r})
from cli.__main__ import main

sys.exit(main())
"""
NO_NETWORK = ("connection broken by", "NewConnectionError", "ConnectTimeoutError", "Max retries exceeded")


def main(lock: str) -> None:
    if not (VENV / "bin" / "pip").exists():  # pip is installed last, so a .venv without it is incomplete
        make_venv()
    print(f"Installing requirements/{lock}.txt into .venv (once, {DURATION[lock]})", flush=True)
    install(f"requirements/{lock}.txt")
    write_command()
    (VENV / f"{lock}.installed").touch()


def make_venv() -> None:
    if sys.version_info < OLDEST:
        found = ".".join(map(str, sys.version_info[:3]))
        sys.exit(f"Gait needs Python 3.11 or newer, but this is {found}. Choose one, as in PYTHON=python3.12 make")
    if not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
        sys.exit("This Python has no venv module. Install it (on Debian and Ubuntu: apt install python3-venv)")
    if not logged([sys.executable, "-m", "venv", "--clear", str(VENV)]):
        fail()


def install(requirements: str) -> None:
    pip = [str(VENV / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "--retries", "2"]
    if logged([*pip, "install", "--require-hashes", "--requirement", requirements]):
        return
    if any(sign in LOG.read_text() for sign in NO_NETWORK):
        sys.exit("The package index cannot be reached. Connect to the network (or set PIP_INDEX_URL) and try again")
    fail()


def write_command() -> None:
    """Write `.venv/bin/gait`, which runs the command of this clone in any folder."""
    command = VENV / "bin" / "gait"
    command.write_text(COMMAND.format(python=(VENV / "bin" / "python").absolute(), clone=str(Path.cwd())))
    command.chmod(0o755)


def logged(command: list[str]) -> bool:
    """Run the command with its output in LOG, and return whether it succeeded."""
    LOG.parent.mkdir(parents=True, exist_ok=True)
    with LOG.open("w") as log:
        return subprocess.run(command, stdout=log, stderr=log, check=False).returncode == 0


def fail() -> NoReturn:
    lines = LOG.read_text().splitlines()[-LAST_LINES:]
    sys.exit("\n".join([*lines, f"The installation failed. The whole log is {LOG}"]))


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except KeyboardInterrupt:
        sys.exit(130)
