"""Errors that end a command, each with its exit code. Their messages state failure, cause and action."""

from cli.exit_codes import ExitCode
from common.errors import ConfigurationError, GaitError, Unavailable


class CommandError(GaitError):
    """A session, a test or a process failed."""

    exit_code = ExitCode.FAILED


class WrongUsage(CommandError):
    """The command line, a variable or the configuration file is wrong."""

    exit_code = ExitCode.USAGE


class Refused(CommandError):
    """The server refused the request. `status` is the HTTP status."""

    exit_code = ExitCode.REFUSED

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class ServerUnavailable(CommandError):
    """The server does not answer, or not as a Gait that works."""

    exit_code = ExitCode.UNAVAILABLE


def exit_code(error: GaitError) -> ExitCode:
    if isinstance(error, CommandError):
        return error.exit_code
    if isinstance(error, ConfigurationError):
        return ExitCode.USAGE
    return ExitCode.UNAVAILABLE if isinstance(error, Unavailable) else ExitCode.FAILED
