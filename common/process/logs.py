"""Logging of a process to standard error: lines for people (`text`) or one JSON object per line (`json`)."""

import logging
import sys

import structlog
from structlog.typing import Processor

RQ_LOGGERS = ("rq.worker", "rq.queue", "rq.job", "rq.scheduler")
"""RQ's loggers have their own levels and handlers and do not propagate, so these are replaced."""


def configure(log_format: str) -> None:
    """Configure all logging of the process. `log_format` is a value of LOG_FORMAT."""
    shared: list[Processor] = [
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    handler = logging.StreamHandler()
    handler.setFormatter(_json(shared) if log_format == "json" else _text(shared))
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for name in RQ_LOGGERS:
        logger = logging.getLogger(name)
        logger.handlers[:] = []
        logger.propagate = True
        logger.setLevel(logging.WARNING)


def _json(shared: list[Processor]) -> logging.Formatter:
    return _formatter([*shared, structlog.processors.format_exc_info], structlog.processors.JSONRenderer())


def _text(shared: list[Processor]) -> logging.Formatter:
    plain = structlog.dev.plain_traceback  # rich's traceback would print local variables, such as keys
    return _formatter(shared, structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain))


def _formatter(first: list[Processor], renderer: Processor) -> logging.Formatter:
    """Return a formatter. `first` are the first processors for lines of the standard library's loggers."""
    last: list[Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer]
    return structlog.stdlib.ProcessorFormatter(foreign_pre_chain=first, processors=last)
