"""Rendered parts of pages, which are rendered again only when what they show has changed."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from functools import partial

from cachetools import LRUCache
from markupsafe import Markup

from api.web.pages.faults import guarded

MAX_PARTS = 100
"""Parts that are kept of a page: a list gets new ones for years."""


@dataclass
class RenderedParts:
    """The HTML of some sections of a page by their titles, each with the values that it shows."""

    _parts: LRUCache[str, tuple[object, Markup]] = field(default_factory=partial(LRUCache, MAX_PARTS))

    def part(self, title: str, shown: object = None, *, caller: Callable[[], str]) -> Markup:
        """Return the HTML of a section, rendered once for equal values. A fault is tried again."""
        known = self._parts.get(title)
        return known[1] if known and known[0] == shown else guarded(title, partial(self._render, title, shown, caller))

    def _render(self, title: str, shown: object, caller: Callable[[], str]) -> str:
        html = Markup(caller())  # noqa: S704 - rendered by templates that escape
        self._parts[title] = shown, html
        return html


class KeptParts:
    """The parts of the pages that were shown last, `limit` of them."""

    def __init__(self, limit: int) -> None:
        self._pages: LRUCache[Hashable, RenderedParts] = LRUCache(limit)

    def of(self, page: Hashable) -> RenderedParts:
        """Return the parts of a page, which are empty if it was not shown lately."""
        if page not in self._pages:
            self._pages[page] = RenderedParts()
        return self._pages[page]
