"""The stack, kept up until Ctrl-C."""

import contextlib
import time

from common.config import settings
from local.stack import database, stack

LOOK_EVERY_S = 0.5


def run() -> int:
    """Runs until interrupted. A process of the stack that ends by itself is an error."""
    with stack(settings().port, print) as gait:
        print(f"\nPage:      {gait.url}")
        print(f"API:       {gait.url}/api/v1")
        print(f"Docs:      {gait.url}/docs")
        print(f"Database:  {database()}")
        print("Logs:      var/log/\n\nCtrl-C stops everything", flush=True)
        with contextlib.suppress(KeyboardInterrupt):  # the expected end
            while True:
                gait.check()
                time.sleep(LOOK_EVERY_S)
    return 0
