"""The stack, kept up until Ctrl-C."""

import time

from common.config import settings
from local.stack import database, stack

LOOK_EVERY_S = 0.5


def run() -> int:
    """Runs until interrupted, or until a process of the stack ends."""
    with stack(settings().port, print) as gait:
        print(f"\nGait runs:  {gait.url}")
        print(f"API:        {gait.url}/api/v1, described at {gait.url}/docs")
        print(f"Database:   {database()}")
        print("Logs:       var/log/        Ctrl-C stops everything\n", flush=True)
        while True:
            gait.check()
            time.sleep(LOOK_EVERY_S)
