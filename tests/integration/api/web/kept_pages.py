"""What every page promises that keeps its parts in memory."""

from collections.abc import Callable, Sequence


def every_change_shows_at_once(
    shown: Callable[[], str], changes: Sequence[Callable[[], object]], forget: Callable[[], object]
) -> None:
    """Make one change after the other. Each shows, on the kept page as on one that is made after `forget`."""
    before = shown()
    for number, change in enumerate(changes):
        change()
        kept = shown()
        forget()
        assert kept == shown(), number
        assert kept != before, number
        before = kept
