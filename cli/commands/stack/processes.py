"""`gait api`, `gait worker`, `gait sampler`, `gait scheduler`: the processes, which take this process's place."""

import os
from collections.abc import Sequence

import click

from common.process import programs

PROCESSES = {"api": "web"}
"""By command: the process, where its name is another."""

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
    command = programs.command(PROCESSES.get(process, process))
    os.execve(command[0], [*command, *arguments], programs.with_packages(os.environ))


api = _command("api", "Serve the API and the pages, by gunicorn.")
worker = _command("worker", "Run the sessions that wait in the queue.")
sampler = _command("sampler", "Publish the readings of this machine.")
scheduler = _command("scheduler", "Submit scheduled sessions and do what is due.")
