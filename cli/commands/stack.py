"""`gait up`: the whole stack on this machine."""

import contextlib
import os
import time

import click

from cli.invocation import Invocation, current
from cli.server.configuration import DEFAULT_URL
from common.environment.data_folder import NAME as DATA
from common.environment.settings import settings
from local.stack import database, logs_folder, stack
from local.stop_signals import stopping

CHECK_INTERVAL_S = 0.5


def _choose_data(_context: click.Context, _parameter: click.Parameter, value: str | None) -> None:
    if value:
        os.environ[DATA] = value  # for the processes of the stack too


def data_option() -> click.Parameter:
    help_text = "Keep data and logs there. Default: GAIT_DATA, or a folder that docs/settings.md names."
    return click.Option(["--data"], metavar="FOLDER", expose_value=False, callback=_choose_data, help=help_text)


@click.command(params=[data_option()])
@current
def up(gait: Invocation) -> None:
    """Run all of Gait on this machine until Ctrl-C.

    It brings a Redis and an Ollama with a small model if there are none. GAIT_PORT=8001 chooses another port, and
    docs/settings.md lists all settings.
    """
    with stopping(gait.say), stack(settings().port, gait.say) as running:
        gait.out.print(f"\nPage:      {running.url}", soft_wrap=True)
        gait.out.print(f"API:       {running.url}/api/v1", soft_wrap=True)
        gait.out.print(f"Docs:      {running.url}/docs", soft_wrap=True)
        gait.out.print(f"Database:  {database()}", soft_wrap=True)
        gait.out.print(f"Logs:      {logs_folder()}/\n\nCtrl-C stops everything", soft_wrap=True)
        if running.url != DEFAULT_URL:
            gait.say(f"\nFor `gait` in another terminal: export GAIT_URL={running.url}")
        with contextlib.suppress(KeyboardInterrupt):  # the expected end
            while True:
                running.check()
                time.sleep(CHECK_INTERVAL_S)
