"""PostgreSQL's own programs, on the database of DATABASE_URL."""

import os
import shutil
import subprocess
from collections.abc import Iterable

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from common.store.backup.failures import BackupFailed

NEEDED = {"pg_dump": "copy", "pg_restore": "restore", "psql": "restore"}


def run(program: str, url: str | None, *arguments: str, given: Iterable[bytes] | None = None) -> bytes:
    """Run a program on the database at `url`, with `given` as its input, and return its output.

    The password is passed by the environment, because other users see command lines.

    Raises:
        BackupFailed: if the program is not installed, or if it fails.
    """
    command, environment = [_path(program), *arguments], dict(os.environ)  # noqa: TID251 - the programs need PATH
    if url is not None:
        known = conninfo_to_dict(url)
        if password := known.pop("password", None):
            environment["PGPASSWORD"] = str(password)
        command.append(f"--dbname={make_conninfo('', **known)}")
    data = None if given is None else b"".join(given)
    ended = subprocess.run(  # noqa: S603 - a program of PostgreSQL, without a shell
        command, env=environment, input=data, capture_output=True, check=False
    )
    if ended.returncode:
        raise BackupFailed(f"{program} failed: {_reason(ended.stderr)}. Correct that, and try again.")
    return ended.stdout


def _path(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        raise BackupFailed(
            f"{program} was not found. It belongs to PostgreSQL's client programs (postgresql-client): install those of"
            " the server's version or newer, or add their folder to PATH."
        )
    return found


def _reason(stderr: bytes) -> str:
    """Return the first line that says what is wrong, in which no password can be."""
    lines = [line for line in stderr.decode(errors="replace").splitlines() if line.strip()]
    found = next((line for line in lines if "error" in line.lower()), lines[-1] if lines else "it said nothing")
    return found.strip().rstrip(".")
