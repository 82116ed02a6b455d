"""The exit codes of the command `gait`, for scripts."""

from enum import IntEnum
from typing import Self


class ExitCode(IntEnum):
    """Exit codes; the same text is in docs/command-line.md."""

    description: str

    def __new__(cls, value: int, description: str) -> Self:
        member = int.__new__(cls, value)
        member._value_ = value
        member.description = description
        return member

    DONE = 0, "It was done. An undecided comparison is not a failure."
    FAILED = 1, "A session or one of its tests failed, a process of Gait did not start, or `gait admin` did not do it."
    USAGE = 2, "The command line, a variable or the configuration file is wrong."
    CHANGED = 3, "The condition of `--fail-on` is met: slower, worse, or a regression."
    UNKNOWN = 4, "With `--strict`: the condition of `--fail-on` could neither be found nor be ruled out."
    REFUSED = 5, "The server refused the request: unknown, invalid, not allowed, or the key is missing or wrong."
    UNAVAILABLE = (
        6,
        "The server, the database or Redis does not answer, is not Gait's, or cannot work now. Trying again may help.",
    )
    INTERRUPTED = 130, "Ctrl-C."
    CLOSED_PIPE = 141, "The reader of the output has gone, as in `gait list | head -1`."
