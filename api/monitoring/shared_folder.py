"""A folder that a process and its children share, made once however often a configuration that names it is read."""

import tempfile
from functools import cache


@cache
def shared_folder(purpose: str) -> str:
    """The path of a new folder that is this user's alone; who made it removes it."""
    return tempfile.mkdtemp(prefix=f"gait-{purpose}-")
