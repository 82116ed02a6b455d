"""Which of the stored regressions or improvements of a history is which of the changes that it shows now.

A session that is added changes neither, but sessions may also be deleted or imported, and old ones leave the window.
"""

from collections.abc import Iterable, Sequence

from api.conclusions.histories.history import Finding
from api.conclusions.histories.regressions import OPPOSITE
from common.stats.comparing.comparison import Outcome
from common.store.alerts.tables import Regression

Pairs = list[tuple[Regression, Finding]]


def matched(
    known: Iterable[Regression], found: Sequence[Finding], outcome: Outcome
) -> tuple[Pairs, list[Regression], list[Finding]]:
    """Return the pairs, the stored changes that the history no longer shows, and its other changes, of an outcome.

    A change whose interval includes 0 for the time being is still shown, and is not yet over.
    """
    pairs: Pairs = []
    left = [regression for regression in known if regression.outcome == outcome]
    new = [finding for finding in found if finding.outcome is not OPPOSITE[outcome]]
    for is_same in (_same_session, _same_time):
        for regression in tuple(left):
            same = next((finding for finding in new if is_same(regression, finding)), None)
            if same:
                pairs.append((regression, same))
                left.remove(regression)
                new.remove(same)
    return pairs, left, [finding for finding in new if finding.outcome is outcome]


def _same_session(regression: Regression, finding: Finding) -> bool:
    return regression.first == finding.first.session_id or regression.seen == finding.seen.session_id


def _same_time(regression: Regression, finding: Finding) -> bool:
    """Return whether the sessions from the first one to the one that showed it overlap."""
    return bool(finding.first.at <= regression.seen_at and regression.first_at <= finding.seen.at)
