"""Do the duties of regressions and notifications again and again, and be killed at another line each time.

`python -m tests.integration.scheduler.killed STEP`

The settings are the environment's. Before each attempt a session ends. Attempt N is killed at line N × STEP of those
that the duties go through. Prints how many attempts there were once one came through.
"""

import os
import signal
import sys
from datetime import timedelta
from itertools import count
from types import CodeType
from typing import NoReturn

from flask import Flask

from common.environment.settings import settings
from common.store.alerts import deliveries, ended, outbox, regressions
from common.store.database import database
from scheduler.application import create_application
from scheduler.notifications import delivery_worker, events, jobs, queue, session_events
from scheduler.notifications.sending import webhook
from scheduler.regressions import evaluation, update
from tests.integration.scheduler.nights import night, nights
from tests.support.processes.killed_at_lines import disconnect, dying_after

MODULES = (
    *(deliveries, ended, outbox, regressions, events, jobs, queue, session_events, webhook, delivery_worker),
    *(evaluation, update),
)
WATCHED = {str(module.__file__) for module in MODULES}


def do_what_is_due() -> None:
    evaluation.Evaluation().run()
    queue.Dispatch().run()
    delivery_worker.work()


def do_not_wait() -> None:
    """Let what a killed process has begun be free at once."""
    deliveries.LEASE = queue.STALE = timedelta(0)


def main() -> None:
    app, step = create_application(settings()), int(sys.argv[1])
    do_not_wait()
    with database.connection_context():
        nights((12, 100.0), (2, 88.0))
    for number in count(1):
        with database.connection_context():
            night(13 + number, 88.0)
        disconnect()  # no child may inherit a connection
        child = os.fork() or _attempt(app, number * step)
        end = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if end != -signal.SIGKILL:
            sys.stdout.write(str(number))
            sys.exit(end)


def _attempt(app: Flask, lines: int) -> NoReturn:
    sys.settrace(dying_after(lines, _is_watched))
    with app.app_context():
        do_what_is_due()
    os._exit(0)


def _is_watched(code: CodeType) -> bool:
    return code.co_filename in WATCHED


if __name__ == "__main__":
    main()
