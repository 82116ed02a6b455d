"""`gait up`: the whole stack on this machine."""

import contextlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

import click
from rich.status import Status

from cli.invocation import Invocation, current
from cli.progress.ctrl_c import ctrl_c
from cli.progress.question import confirms
from cli.server.configuration import DEFAULT_URL
from common.environment.data_folder import NAME as DATA
from common.environment.settings import settings
from local.dialogue import Ask, ask_nobody
from local.stack import Stack, database, logs_folder, stack
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
    ask = asking() if gait.can_ask else ask_nobody
    with stopping(gait.say), stack(settings().port, gait.say, ask) as running:
        gait.out.print(f"\nPage:      {running.url}", soft_wrap=True)
        gait.out.print(f"API:       {running.url}/api/v1", soft_wrap=True)
        gait.out.print(f"Docs:      {running.url}/docs", soft_wrap=True)
        gait.out.print(f"Database:  {database()}", soft_wrap=True)
        gait.out.print(f"Logs:      {logs_folder()}/\n\nCtrl-C stops everything", soft_wrap=True)
        if running.url != DEFAULT_URL:
            gait.say(f"\nFor `gait` in another terminal: export GAIT_URL={running.url}")
        wait_for_ctrl_c(running)


def wait_for_ctrl_c(running: Stack) -> None:
    """Keep a stack up until Ctrl-C, the expected end.

    Raises:
        CannotStart: if one of its processes ends before.
    """
    with contextlib.suppress(KeyboardInterrupt):
        while True:
            running.check()
            time.sleep(CHECK_INTERVAL_S)


def asking(status: Status | None = None) -> Ask:
    """Return what asks the person at the terminal, without the moving status meanwhile."""

    def ask(question: str, *, otherwise: bool) -> bool:
        with status_paused(status), ctrl_c() as presses:
            return confirms(question, presses, otherwise=otherwise)

    return ask


@contextmanager
def status_paused(status: Status | None) -> Iterator[None]:
    if status:
        status.stop()
    yield
    if status:
        status.start()
