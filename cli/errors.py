"""Errors that end a command, each with its exit code."""

from cli.exit_codes import ExitCode
from common.errors import ConfigurationError, GaitError


class CommandError(GaitError):
    """An error whose message states failure, cause and action."""

    exit_code = ExitCode.FAILED


class WrongUsage(CommandError):
    """The command line or the configuration file is wrong."""

    exit_code = ExitCode.USAGE


class Refused(CommandError):
    """The server refused the request."""

    exit_code = ExitCode.REFUSED


class ServerUnavailable(CommandError):
    """There is no answer, or none of a Gait that works."""

    exit_code = ExitCode.UNAVAILABLE


def exit_code(error: GaitError) -> ExitCode:
    if isinstance(error, CommandError):
        return error.exit_code
    return ExitCode.USAGE if isinstance(error, ConfigurationError) else ExitCode.FAILED
