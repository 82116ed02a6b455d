"""`python -m local run` keeps the stack up until Ctrl-C. `python -m local demo` runs a session on it."""

import signal
import sys
from types import FrameType

from common.errors import GaitError
from common.startup import parser
from local.demo import demo
from local.run import run

COMMANDS = {"run": run, "demo": demo}
PURPOSE = """Run the whole stack on this machine until Ctrl-C (run), or run a session and show its results (demo). The
processes of the Procfile read their own settings too."""
SETTINGS = (
    *("HOST", "PORT", "OLLAMA_HOSTS", "OLLAMA_HOST", "SAMPLER_HOST", "DATABASE_URL"),
    *("API_KEYS", "API_KEYS_FILE", "GAIT_ENV"),
)
ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main() -> int:
    arguments = parser("local", PURPOSE, SETTINGS)
    arguments.add_argument("command", choices=COMMANDS)
    command = COMMANDS[arguments.parse_args().command]
    for ending in ENDINGS:
        signal.signal(ending, stop_once)
    try:
        return command()
    except GaitError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def stop_once(number: int, frame: FrameType | None) -> None:
    """Unwind everything that was started; a second Ctrl-C must not cut that short."""
    del number, frame
    for ending in ENDINGS:
        signal.signal(ending, signal.SIG_IGN)
    print("\nStopping", flush=True)
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
