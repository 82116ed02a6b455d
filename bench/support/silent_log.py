"""The log of the product's own code while a bench runs it."""

import structlog


def silence() -> None:
    """Print no log lines between the results."""
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
