"""`gait api`, `gait worker`, `gait sampler`, `gait scheduler`: the processes, which take this process's place."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

ROOT = Path(__file__).parents[2]
MODULES = {
    "api": ["gunicorn", "-c", str(ROOT / "api" / "gunicorn.py"), "api.app:create_app()"],
    "worker": ["worker"],
    "sampler": ["sampler"],
    "scheduler": ["scheduler"],
}
"""By process: Python's module, and the arguments that it always gets."""

PASSED_ON = {"ignore_unknown_options": True, "allow_interspersed_args": False}


def _command(process: str, purpose: str) -> click.Command:
    return click.Command(
        process,
        callback=lambda arguments: _become(process, arguments),
        params=[click.Argument(["arguments"], nargs=-1, type=click.UNPROCESSED)],
        help=f"{purpose} ARGUMENTS are its own. docs/settings.md lists its settings.",
        context_settings=PASSED_ON,
    )


def _become(process: str, arguments: Sequence[str]) -> None:
    """Replace this process by one of Gait's, which so gets the signals that are meant for it."""
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    command = [sys.executable, "-P", "-m", *MODULES[process], *arguments]  # without -P, the working folder comes first
    os.execve(sys.executable, command, os.environ | {"PYTHONPATH": path})


api = _command("api", "Serve the API and the pages, by gunicorn.")
worker = _command("worker", "Run the sessions that wait in the queue.")
sampler = _command("sampler", "Publish the readings of this machine.")
scheduler = _command("scheduler", "Submit scheduled sessions and do what is due.")
