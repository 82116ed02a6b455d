"""The first steps of every process: arguments, settings, logging."""

import logging
import sys
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from common.environment.settings import Settings, conceal_keys, settings
from common.errors import GaitError
from common.process import logs
from common.process.version import VERSION
from common.values.escaped import escaped


def parser(module: str, purpose: str, names: Iterable[str]) -> ArgumentParser:
    """Return a parser whose help lists the settings that the process reads. It refuses unknown arguments."""
    listed = ", ".join(names)
    return ArgumentParser(
        prog=f"python -m {module}",
        description=purpose,
        epilog=f"Settings are environment variables, and this process reads {listed}. docs/settings.md explains them.",
        allow_abbrev=False,
    )


@contextmanager
def starting(process: str) -> Iterator[None]:
    """End the process with one sentence if something that it needs is missing or wrong."""
    try:
        yield
    except GaitError as error:
        sys.exit(escaped(f"The {process} does not start: {error}"))


def configure() -> Settings:
    """Return the settings, and log as they say. The environment keeps only digests of keys.

    Raises:
        ConfigurationError: naming each wrong variable and its allowed values.
    """
    config = settings()
    conceal_keys()
    logs.configure(config.log_format)
    logging.getLogger("gait").info("Gait %s", VERSION)
    for note in config.notes:
        logging.getLogger("settings").warning("%s", note)
    return config
