"""`gait up`: the whole stack on this machine."""

import contextlib
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import click

from cli.invocation import Invocation, current
from common.environment.settings import settings
from local.stack import database, logs_folder, stack

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
CHECK_INTERVAL_S = 0.5


@click.command()
@current
def up(gait: Invocation) -> None:
    """Run all of Gait on this machine until Ctrl-C.

    It brings a Redis and an Ollama with a small model if there are none. GAIT_PORT=8001 chooses another port, and
    docs/settings.md lists all settings.
    """
    with stopping(gait), stack(settings().port, gait.say) as running:
        gait.out.print(f"\nPage:      {running.url}", soft_wrap=True)
        gait.out.print(f"API:       {running.url}/api/v1", soft_wrap=True)
        gait.out.print(f"Docs:      {running.url}/docs", soft_wrap=True)
        gait.out.print(f"Database:  {database()}", soft_wrap=True)
        gait.out.print(f"Logs:      {logs_folder()}/\n\nCtrl-C stops everything", soft_wrap=True)
        with contextlib.suppress(KeyboardInterrupt):  # the expected end
            while True:
                running.check()
                time.sleep(CHECK_INTERVAL_S)


@contextmanager
def stopping(gait: Invocation) -> Iterator[None]:
    """Let the first signal to stop raise KeyboardInterrupt, and ignore further ones, which would interrupt the end."""

    def stop_once(_number: int, _frame: FrameType | None) -> None:
        for number in STOP_SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        gait.say("\nStopping")
        raise KeyboardInterrupt

    before = {number: signal.signal(number, stop_once) for number in STOP_SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
