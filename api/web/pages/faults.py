"""Faults while a page is made. Each costs one section, which says so, and never the page around it."""

import logging
from collections.abc import Callable, Iterator
from typing import TypeVar

from flask import render_template, request
from markupsafe import Markup

from api.monitoring.http_metrics import PAGE_FAULTS

PAGE_END = (
    '<p class="notice reject" role="alert" data-fault>The rest of this page could not be shown. The log of the API has'
    " the cause. Reload the page to try again.</p></main></body></html>\n"
)

Made = TypeVar("Made")

logger = logging.getLogger(__name__)


def guarded(title: str, caller: Callable[[], str], passing: tuple[type[Exception], ...] = ()) -> Markup:
    """Return the HTML of a section, or a notice in its place if a fault occurs. Faults that are `passing` are raised.

    Templates call it as `{% call guarded("Machine") %}…{% endcall %}`.
    """
    html = attempted(title, caller, passing)
    shown = render_template("faults/fault.html", title=title) if html is None else html
    return Markup(shown)  # noqa: S704 - rendered by templates that escape


def attempted(title: str, make: Callable[[], Made], passing: tuple[type[Exception], ...] = ()) -> Made | None:
    """Return what a section is made of, or None if a fault occurs, which is logged and counted."""
    try:
        return make()
    except passing:
        raise
    except Exception as error:  # noqa: BLE001 - whatever the fault is, the rest of the page can be shown
        _report(f"section {title!r}", request.path, error)
        return None


def closing(pieces: Iterator[str]) -> Iterator[str]:
    """Yield the pieces of a page. If a fault occurs between two sections, end the HTML with a notice."""
    return _closing(pieces, request.path)


def _closing(pieces: Iterator[str], path: str) -> Iterator[str]:
    try:
        yield from pieces
    except Exception as error:  # noqa: BLE001 - as above; the status was sent, so that only the page can say it
        _report("the rest", path, error)
        yield PAGE_END


def _report(part: str, path: str, error: Exception) -> None:
    logger.error("%s of page %s could not be shown", part, path, exc_info=error)
    PAGE_FAULTS.inc()
