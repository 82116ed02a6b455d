"""Comparisons with their rendered parts, kept until something that they are made of changes."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field

from cachetools import LRUCache

from api.conclusions.comparisons.columns import Column, test_types
from api.web.pages.comparison.shown_comparison import ShownComparison
from api.web.pages.presentation.rendered_parts import RenderedParts
from common.store.earlier.unchanged.version import version

MAX_TESTS = 3000
"""Tests in all kept comparisons. One takes up to twenty kilobytes with its numbers and HTML, so all take 60 MB."""


@dataclass
class KeptComparison:
    """A comparison, its rendered parts, and what it is made of."""

    comparison: ShownComparison
    source: object
    parts: RenderedParts = field(default_factory=RenderedParts)

    @property
    def size(self) -> int:
        """The number of tests."""
        return 1 + sum(len(column.tests) for column in self.comparison.shown)


_kept: LRUCache[Hashable, KeptComparison] = LRUCache(MAX_TESTS, lambda each: each.size)


def kept_comparison(asked: Hashable, shown: Sequence[Column], baseline: str, *, any_digest: bool) -> KeptComparison:
    """Return the comparison that is `asked` for by the URL, the kept one if nothing has changed and no fault occurred.

    It is made of its columns, whose session may be edited, and of unchanged tests of other sessions.
    """
    source = _source(shown)
    known = _kept.get(asked)
    if known and known.source == source and not known.comparison.faults:
        known.source = source  # whose tests are the very objects of the next request, so that it compares none by value
        return known
    made = KeptComparison(ShownComparison(shown, baseline, any_digest=any_digest), source)
    if made.size <= MAX_TESTS:
        _kept[asked] = made
    return made


def _source(shown: Sequence[Column]) -> object:
    models = {column.model["name"] for column in shown}
    sessions = [[one.__data__ for one in (column.session, *column.sessions.values())] for column in shown]
    return version(models, test_types(shown)), [*shown], sessions
