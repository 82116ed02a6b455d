"""The command `gait`: its commands by section, and what ends it."""

import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

import click

from cli.errors import exit_code
from cli.exit_codes import ExitCode
from cli.invocation import json_option, server_options
from cli.lazy_group import LazyGroup, Sections
from common.errors import GaitError
from common.process.version import VERSION
from common.values.escaped import escaped

SECTIONS: Sections = {
    "Measure": {
        "run": "cli.commands.run:run",
        "watch": "cli.commands.watching:watch",
        "schedule": "cli.commands.schedules:schedule",
    },
    "Conclude": {
        "compare": "cli.commands.conclusions:compare",
        "history": "cli.commands.conclusions:history",
        "leaderboard": "cli.commands.conclusions:leaderboard",
        "regressions": "cli.commands.regressions:regressions",
        "acknowledge": "cli.commands.regressions:acknowledge",
    },
    "Sessions": {
        "list": "cli.commands.sessions:list_sessions",
        "show": "cli.commands.sessions:show",
        "edit": "cli.commands.sessions:edit",
        "cancel": "cli.commands.sessions:cancel",
        "delete": "cli.commands.sessions:delete",
        "export": "cli.commands.transfers:export_session",
        "import": "cli.commands.transfers:import_session",
    },
    "Look around": {
        "models": "cli.commands.machines:models",
        "hosts": "cli.commands.machines:hosts",
        "hardware": "cli.commands.machines:hardware",
        "overview": "cli.commands.machines:overview",
        "types": "cli.commands.machines:types",
    },
    "Serve": {
        "demo": "cli.commands.stack.demo:demo",
        "up": "cli.commands.stack.up:up",
        "api": "cli.commands.stack.processes:api",
        "worker": "cli.commands.stack.processes:worker",
        "sampler": "cli.commands.stack.processes:sampler",
        "scheduler": "cli.commands.stack.processes:scheduler",
        "admin": "cli.admin.app:admin",
    },
    "Set up": {
        "config": "cli.commands.config:config",
        "completion": "cli.commands.completion:completion",
    },
}


class ClosedPipe(Exception):
    """The reader of the output has gone."""


class Gait(LazyGroup):
    """The outermost group, which turns errors into messages and exit codes."""

    def main(self, args: Sequence[str] | None = None, *, standalone_mode: bool = True, **options: Any) -> int:  # type: ignore[override] # noqa: ANN401 - as in click
        code = _ended(lambda: super(Gait, self).main(args, standalone_mode=False, **options))
        if standalone_mode:
            sys.exit(code)
        return code

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - as in click
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError as error:
            raise ClosedPipe from error  # which click does not know
        return result


def _ended(command: Callable[[], object]) -> int:
    """Run the command, and return the exit code after saying what went wrong."""
    try:
        result = command()
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except GaitError as error:
        click.echo("\n".join(map(escaped, str(error).splitlines())), err=True)
        return exit_code(error)
    except (click.Abort, KeyboardInterrupt):
        return ExitCode.INTERRUPTED
    except ClosedPipe:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # so that no flush at the end complains
        return ExitCode.CLOSED_PIPE
    return result if isinstance(result, int) else ExitCode.DONE


app = click.version_option(VERSION, message="gait %(version)s")(
    Gait(
        "gait",
        SECTIONS,
        params=[json_option(), *server_options()],
        help="Measure how fast Ollama's models run on your own machines.",
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )
)
