"""The command `gait` of an installed package, after a check that the packages it imports are Gait's own.

Gait's packages have the names of its tree, such as `api` and `common`, which other distributions use too. This module
is named as the distribution is, so that nothing replaces it.
"""

import sys
from importlib.util import find_spec
from pathlib import Path

PACKAGES = ("api", "cli", "common", "local", "sampler", "scheduler", "worker")
FOLDER = Path(__file__).parent
RECORDS = "*.dist-info/RECORD"
"""Where each distribution lists its files."""
OWN = "gait_lab-"


def main() -> int:
    """Run the command line, and return its exit code."""
    foreign = {name: place for name in PACKAGES if (place := _elsewhere(name))} | _shared()
    if foreign:
        print(_explanation(foreign), file=sys.stderr)
        return 1
    from cli.__main__ import main as command  # noqa: PLC0415 - not before the check

    return command()


def _elsewhere(name: str) -> str | None:
    """Return where Python finds the package if that is not next to this module."""
    found = find_spec(name)
    folder = Path(found.origin).parent if found and found.origin else None
    return None if folder == FOLDER / name else str(folder or "nowhere")


def _shared() -> dict[str, str]:
    """Return the distribution that has files in the same folder as Gait, for each package that has both."""
    found: dict[str, str] = {}
    for record in FOLDER.glob(RECORDS):
        files = b"\n" + record.read_bytes()
        if not record.parent.name.startswith(OWN):
            found |= {name: record.parent.stem for name in PACKAGES if f"\n{name}/".encode() in files}
    return found


def _explanation(foreign: dict[str, str]) -> str:
    places = ", ".join(f"{name} ({place})" for name, place in foreign.items())
    return (
        f"gait does not start, because these packages are not Gait's alone: {places}. Its packages have such names, "
        "so it needs an environment of its own. Install it with `uv tool install gait-lab` or `pipx install gait-lab`, "
        "and unset PYTHONPATH."
    )
