"""First steps of every process."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from common import logs
from common.config import Settings, settings
from common.errors import GaitError


@contextmanager
def starting(process: str) -> Iterator[None]:
    """End the process with one sentence if something that it needs is missing or wrong."""
    try:
        yield
    except GaitError as error:
        sys.exit(f"The {process} does not start: {error}")


def configure() -> Settings:
    """Return the settings, and log as they say.

    Raises:
        ConfigurationError: naming each wrong variable and its allowed values.
    """
    config = settings()
    logs.configure(config.log_format)
    return config
