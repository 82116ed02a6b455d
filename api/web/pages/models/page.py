"""`/models?find=&minimum=&fits=&sort=`: which model is best for what, on which machine."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from flask import request

from api.http.settings import settings
from api.web.pages.faults import attempted
from api.web.pages.layout import resource, streamed
from api.web.pages.models.scatter import scatter
from api.web.pages.models.table import ModelRow, ModelTable, model_table
from common.errors import Unavailable

STALE_DAYS = 30
"""Age from which on a result is marked as old."""


@resource.get("/models")
def models() -> Iterator[str]:
    """Send the table, filtered and sorted as the URL says, and the scatter of what it shows."""
    read = attempted("Models", model_table, passing=(Unavailable,))
    whole = read or ModelTable([], {})
    hosts = dict.fromkeys([*settings().ollama_hosts, *whole.hosts])
    sort = request.args.get("sort", "")
    rows = sorted(filter(_wanted(whole), whole.rows), key=_order(sort))
    shown = ModelTable(rows, {host: whole.hosts.get(host) for host in hosts})
    return streamed(
        "models/page.html",
        table=shown,
        known=len(whole.rows),
        is_readable=read is not None,
        scatter=partial(scatter, shown),
        sort=sort,
        stale_days=STALE_DAYS,
    )


def _wanted(whole: ModelTable) -> Callable[[ModelRow], bool]:
    words, minimum = request.args.get("find", ""), _number(request.args.get("minimum"))
    fits = "fits" in request.args
    largest = max((vram for vram in whole.hosts.values() if vram), default=0)

    def wanted(row: ModelRow) -> bool:
        is_small = row.size is not None and row.size < largest
        return row.matches(words) and row.best >= minimum and (is_small or not fits)

    return wanted


def _order(sort: str) -> Callable[[ModelRow], Any]:
    if sort == "model":
        return lambda row: row.name
    if sort == "size":
        return lambda row: (row.size or 0, row.name)
    return lambda row: (-row.rate_on(sort) if sort else -row.best, -row.best, row.name)


def _number(text: str | None) -> float:
    try:
        return float(text or 0)
    except ValueError:  # the page shows all, as without a filter
        return 0.0
