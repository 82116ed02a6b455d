"""Make .venv and install one lock file into it: `python3 local/install.py local`.

Runs before anything is installed, so it uses the standard library alone, and can be read by Pythons too old for Gait.
"""

import importlib.util
import subprocess
import sys
from pathlib import Path

OLDEST = (3, 11)
VENV = Path(".venv")
LOG = Path("var/log/install.log")
LAST_LINES = 15
NO_NETWORK = ("connection broken by", "NewConnectionError", "ConnectTimeoutError", "Max retries exceeded")


def main(lock: str) -> None:
    if not (VENV / "bin" / "pip").exists():  # pip comes last: without it a .venv was left half made
        make_venv()
    print(f"Installing what requirements/{lock}.txt pins into .venv (once, well under a minute)", flush=True)
    install(f"requirements/{lock}.txt")
    (VENV / f"{lock}.installed").touch()


def make_venv() -> None:
    if sys.version_info < OLDEST:
        found = ".".join(map(str, sys.version_info[:3]))
        sys.exit(f"Gait needs Python 3.11 or newer, and this is {found}: name one, as in PYTHON=python3.12 make")
    if not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
        sys.exit("This Python has no venv module: install it (on Debian and Ubuntu: apt install python3-venv)")
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=True)


def install(requirements: str) -> None:
    LOG.parent.mkdir(parents=True, exist_ok=True)
    pip = [str(VENV / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "--retries", "2"]
    with LOG.open("w") as log:
        done = subprocess.run(
            [*pip, "install", "--require-hashes", "--requirement", requirements], stdout=log, stderr=log, check=False
        )
    if done.returncode == 0:
        return
    said = LOG.read_text()
    if any(sign in said for sign in NO_NETWORK):
        sys.exit("The package index cannot be reached: connect to the network (or set PIP_INDEX_URL) and try again")
    sys.exit("\n".join([*said.splitlines()[-LAST_LINES:], f"pip failed; all it said is in {LOG}"]))


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except KeyboardInterrupt:
        sys.exit(130)
