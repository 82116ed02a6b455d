"""Logging of a process to standard error: lines for people (`text`) or one JSON object per line (`json`).

Exceptions are logged without their messages, which may quote data. Text of others, such as a URL or an answer, cannot
forge or colour lines.
"""

import logging
import sys
import threading
from types import TracebackType
from typing import TextIO

import structlog
from structlog.typing import EventDict, ExcInfo, Processor

from common.process.failures import trace
from common.values.escaped import escaped

RQ_LOGGERS = ("rq.worker", "rq.queue", "rq.job", "rq.scheduler")
"""RQ's loggers have their own levels and handlers and do not propagate, so these are replaced."""


def configure(log_format: str) -> None:
    """Configure all logging of the process. `log_format` is a value of LOG_FORMAT."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
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
    sys.excepthook = _log_end
    threading.excepthook = lambda ended: _log_end(ended.exc_type, ended.exc_value, ended.exc_traceback)


def _log_end(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    """Log what ends a process or a thread. Python itself would print the message."""
    if not issubclass(kind, KeyboardInterrupt | SystemExit):
        logging.getLogger(__name__).critical("ended by an error", exc_info=(kind, error or kind(), trace))


def _json(shared: list[Processor]) -> logging.Formatter:
    traces = structlog.processors.ExceptionRenderer(lambda exc_info: trace(exc_info[1]))
    return _formatter(shared, traces, structlog.processors.JSONRenderer())


def _text(shared: list[Processor]) -> logging.Formatter:
    return _formatter(shared, structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=_print))


def _print(output: TextIO, exc_info: ExcInfo) -> None:
    output.write(f"\n{trace(exc_info[1])}")


def _formatter(first: list[Processor], *renderers: Processor) -> logging.Formatter:
    """Return a formatter. `first` are the first processors for lines of the standard library's loggers."""
    last: list[Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, _escape, *renderers]
    return structlog.stdlib.ProcessorFormatter(foreign_pre_chain=first, processors=last)


def _escape(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Escape all texts. Other values are escaped by the renderers, and exceptions by `trace`."""
    return {name: escaped(value) if isinstance(value, str) else value for name, value in event.items()}
