"""Logging of a process: lines for people (`text`) or one JSON object a line (`json`), on standard error."""

import logging
import sys

import structlog
from structlog.typing import Processor

LOUD = ("rq.worker", "rq.queue", "rq.job", "rq.scheduler")
"""RQ's loggers have levels and handlers of their own and do not propagate; ours take them over."""


def configure(log_format: str) -> None:
    """Take over all logging of the process; `log_format` as in LOG_FORMAT."""
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
    for name in LOUD:
        logger = logging.getLogger(name)
        logger.handlers[:] = []
        logger.propagate = True
        logger.setLevel(logging.WARNING)


def _json(shared: list[Processor]) -> logging.Formatter:
    return _formatter([*shared, structlog.processors.format_exc_info], structlog.processors.JSONRenderer())


def _text(shared: list[Processor]) -> logging.Formatter:
    plain = structlog.dev.plain_traceback  # rich's would print local variables, keys among them
    return _formatter(shared, structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain))


def _formatter(others: list[Processor], renderer: Processor) -> logging.Formatter:
    """`others` is what happens first to lines of the standard library's loggers."""
    last: list[Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer]
    return structlog.stdlib.ProcessorFormatter(foreign_pre_chain=others, processors=last)
