"""Fire schedules, and be killed at another line each time.

`python -m tests.integration.api.submission.schedules.killed STEP DUE`

The settings are the environment's. A child is forked for each schedule, all of which are due, and is killed when it
has gone through STEP lines more than the one before. Prints how many there were once one came through.
"""

import os
import signal
import sys
from datetime import datetime
from itertools import count
from types import CodeType
from typing import NoReturn

import uuid_utils
from flask import Flask

from api.submission.schedules import firing
from common.environment.settings import settings
from common.store import schedules
from common.store.schedules import Schedule
from scheduler.application import create_application
from tests.integration.api.submission.killed import is_watched
from tests.support.processes.killed_at_lines import disconnect, dying_after

SESSION = {"models": ["tiny"], "testTypes": ["decode"]}
WATCHED = {str(module.__file__) for module in (firing, schedules)}
"""What is watched beside the code of a submission."""


def main() -> None:
    app, step, due = create_application(settings()), int(sys.argv[1]), datetime.fromisoformat(sys.argv[2])
    for number in count(1):
        _store(due)
        disconnect()  # no child may inherit a connection
        child = os.fork() or _fire(app, due, number * step)
        if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != -signal.SIGKILL:
            sys.stdout.write(str(number))
            return


def _store(due: datetime) -> None:
    """Store a schedule that is due. Those of before are left to the next scheduler, as if they were claimed."""
    Schedule.update(attempt_at=due + schedules.CLAIM).where(Schedule.last_at.is_null()).execute()
    Schedule.create(
        id=str(uuid_utils.uuid7()),
        cron="30 2 * * *",
        time_zone="Europe/Berlin",
        session=SESSION,
        enabled=True,
        created_at=due,
        next_at=due,
    )


def _fire(app: Flask, due: datetime, lines: int) -> NoReturn:
    sys.settrace(dying_after(lines, _is_watched))
    with app.app_context():
        firing.fire_next(due)
    os._exit(0)


def _is_watched(code: CodeType) -> bool:
    return code.co_filename in WATCHED or is_watched(code)


if __name__ == "__main__":
    main()
