"""`python -m common.backup FILE` copies the SQLite database of DATABASE_URL, while Gait runs or not."""

import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from common.backup.sqlite_copy import BackupFailed, Copied, copy
from common.environment.settings import settings
from common.errors import GaitError
from common.process.startup import parser

PURPOSE = "Copy the SQLite database of DATABASE_URL to a new file, while Gait runs, and check the copy."
PG_DUMP = """This database is PostgreSQL, which has its own command. While Gait runs:
    pg_dump --format=custom --file=FILE "$DATABASE_URL"
docs/operating.md says how to restore it."""
PERIOD_S = 1.0
INTERRUPTED = 130
MB = 1e6


def main() -> int:
    arguments = parser("common.backup", PURPOSE, ("DATABASE_URL", "DATABASE_URL_FILE"))
    arguments.add_argument("file", type=Path, metavar="FILE", help="the copy, which must not exist")
    target = arguments.parse_args().file
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        copied = _copy(settings().database_url, target)
    except GaitError as error:
        sys.exit(f"No copy was made. {error}")
    except KeyboardInterrupt:
        print("Interrupted. No copy was made.", file=sys.stderr)
        return INTERRUPTED
    print(f"{target}: {copied.sessions} sessions, {copied.size / MB:.1f} MB, checked.")
    return 0


def _copy(url: str, target: Path) -> Copied:
    scheme, _, path = url.partition(":///")
    if scheme != "sqlite":
        raise BackupFailed(PG_DUMP)
    return copy(Path(path), target, _progress())


def _progress() -> Callable[[float], None]:
    """Return a function that prints the share that is copied, at most once a second."""
    printed = time.monotonic()

    def show(share: float) -> None:
        nonlocal printed
        if time.monotonic() - printed >= PERIOD_S:
            printed = time.monotonic()
            print(f"{share:.0%} copied", file=sys.stderr, flush=True)

    return show


if __name__ == "__main__":
    sys.exit(main())
