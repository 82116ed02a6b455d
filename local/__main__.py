"""`python -m local run` keeps the stack up until Ctrl-C. `python -m local demo` runs a session on it."""

import contextlib
import os
import signal
import sys
import time
from types import FrameType

from common.environment.data_folder import NAME as DATA
from common.environment.settings import settings
from common.errors import GaitError
from common.process.startup import parser
from local.demo import demo
from local.stack import database, logs_folder, stack

PURPOSE = """Run the whole stack on this machine until Ctrl-C (run), or run a session and show its results (demo). The
processes of the Procfile read their own settings too."""
SETTINGS = (
    *("GAIT_HOST", "GAIT_PORT", "OLLAMA_HOSTS", "OLLAMA_HOST", "SAMPLER_HOST", "DATABASE_URL", DATA),
    *("API_KEYS", "API_KEYS_FILE", "ALLOW_ANONYMOUS", "GAIT_ENV"),
)
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
CHECK_INTERVAL_S = 0.5


def run() -> int:
    """Run the stack until it is interrupted. A process of the stack that ends by itself is an error."""
    with stack(settings().port, print) as running:
        print(f"\nPage:      {running.url}")
        print(f"API:       {running.url}/api/v1")
        print(f"Docs:      {running.url}/docs")
        print(f"Database:  {database()}")
        print(f"Logs:      {logs_folder()}/\n\nCtrl-C stops everything", flush=True)
        with contextlib.suppress(KeyboardInterrupt):  # the expected end
            while True:
                running.check()
                time.sleep(CHECK_INTERVAL_S)
    return 0


COMMANDS = {"run": run, "demo": demo}


def main() -> int:
    arguments = parser("local", PURPOSE, SETTINGS)
    arguments.add_argument("command", choices=COMMANDS)
    arguments.add_argument("--data", metavar="FOLDER", help="keep data and logs there, as GAIT_DATA says otherwise")
    chosen = arguments.parse_args()
    command = COMMANDS[chosen.command]
    if chosen.data:
        os.environ[DATA] = chosen.data  # for the processes of the stack too
    for number in STOP_SIGNALS:
        signal.signal(number, stop_once)
    try:
        return command()
    except GaitError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def stop_once(_number: int, _frame: FrameType | None) -> None:
    """Stop everything that was started, and ignore further signals, which would interrupt this."""
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    print("\nStopping", flush=True)
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
