"""`python -m local run` keeps the stack up until Ctrl-C; `python -m local demo` shows a session on it."""

import argparse
import signal
import sys
from types import FrameType

from common.errors import GaitError
from local.demo import demo
from local.run import run

COMMANDS = {"run": run, "demo": demo}
ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    parser.add_argument("command", choices=COMMANDS)
    command = COMMANDS[parser.parse_args().command]
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
