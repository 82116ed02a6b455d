"""A folder that a process and its children share, created once even if a configuration that uses it is read again."""

import tempfile
from functools import cache


@cache
def shared_folder(purpose: str) -> str:
    """Return the path of a new folder that only this user can read. The caller removes it."""
    return tempfile.mkdtemp(prefix=f"gait-{purpose}-")
