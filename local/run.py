"""The stack, running until Ctrl-C."""

import contextlib
import time

from common.config import settings
from local.stack import database, stack

LOOK_EVERY_S = 0.5


def run() -> int:
    """Run the stack until interrupted. It is an error if one of its processes ends by itself."""
    with stack(settings().port, print) as gait:
        print(f"\nPage:      {gait.url}")
        print(f"API:       {gait.url}/api/v1")
        print(f"Docs:      {gait.url}/docs")
        print(f"Database:  {database()}")
        print("Logs:      var/log/\n\nPress Ctrl-C to stop everything", flush=True)
        with contextlib.suppress(KeyboardInterrupt):  # the expected end
            while True:
                gait.check()
                time.sleep(LOOK_EVERY_S)
    return 0
