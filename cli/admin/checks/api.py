"""Who may reach the API, and how many clients it can serve."""

import resource
from collections.abc import Iterator

from cli.admin.checks.finding import Finding, failed, ok, warning
from cli.admin.output import count
from common.environment.keys.anonymous import refuse_anonymous
from common.environment.settings import Settings
from common.errors import ConfigurationError

OPEN_FILES = 1200
"""Of the API, besides its WebSockets."""


def check(config: Settings) -> Iterator[Finding]:
    yield _access(config)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = config.max_websockets + OPEN_FILES
    if hard != resource.RLIM_INFINITY and hard < needed:
        text = f"at most {hard} open files are allowed here, and {needed} are needed. Raise LimitNOFILE or ulimit -Hn."
        yield warning("MAX_WEBSOCKETS", text)


def _access(config: Settings) -> Finding:
    try:
        refuse_anonymous([config.host], config)
    except ConfigurationError as error:
        return failed("GAIT_HOST", str(error))
    if config.needs_key:
        full, reading = count(len(config.api_keys), "key"), len(config.read_only_keys)
        return ok("API_KEYS", f"{full} for everything, {reading} for reading only")
    if config.allow_anonymous:
        return warning("API_KEYS", "everybody who reaches the API may use it. Set API_KEYS_FILE.")
    return ok("API_KEYS", "none: the API serves this machine alone")
