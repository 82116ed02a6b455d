"""The limit of open files, which every WebSocket and every request counts against.

Beyond it, a process can neither accept a connection nor open a file, so the number of WebSockets is held against it.
"""

import logging
import resource
from dataclasses import replace

from common.environment.settings import Settings
from common.errors import ConfigurationError

FILES = 200
"""Files, modules, logs, and the connections to Redis and the database."""
REQUESTS = 500
"""Requests at once beside the WebSockets. Each may have a connection to an Ollama too."""
FILES_OF_REQUEST = 2
MIN_WEBSOCKETS = 64
"""Without room for this number of WebSockets, the API does not start."""

logger = logging.getLogger(__name__)


def within_limit(config: Settings) -> Settings:
    """Return settings whose WebSockets fit the limit of open files, see `fitting`. The log says if there are fewer."""
    fit = fitting(config.max_websockets)
    if fit < config.max_websockets:
        logger.warning(
            "MAX_WEBSOCKETS is lowered from %d to %d, because this process may not open more files. Raise its hard"
            " limit of open files.",
            config.max_websockets,
            fit,
        )
    return replace(config, max_websockets=fit)


def fitting(wanted: int) -> int:
    """Raise this process's limit of open files as far as needed and allowed, and return the WebSockets that fit it.

    Raises:
        ConfigurationError: if the limit is too low, and may not be raised.
    """
    needed = wanted + REQUESTS * FILES_OF_REQUEST + FILES
    allowed = _raised(needed)
    fit = wanted - (needed - allowed)
    if fit < min(MIN_WEBSOCKETS, wanted):
        raise ConfigurationError(
            f"the API may open {allowed} files, and needs {needed} for {wanted} WebSockets. Raise its hard limit:"
            " ulimit -Hn in a shell, LimitNOFILE= in systemd, ulimits in compose."
        )
    return fit


def _raised(needed: int) -> int:
    """Raise the soft limit up to the hard one, and return how many of the needed files may be opened."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return needed
    allowed = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    return allowed
