"""The histories of a session, as they are evaluated with all sessions so far."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass

from api.conclusions.histories.comparable_sessions import options_text
from api.conclusions.histories.history import History
from api.conclusions.histories.history_query import Asked, answered
from common.catalogue.metrics import METRICS
from common.catalogue.test_types import TEST_TYPES
from common.errors import UnreadableRecord
from common.store.alerts.regressions import HistoryKey
from common.store.tables import Session, Status, Test

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class EvaluatedHistory:
    """A history. It `is_whole` if it has no older sessions."""

    key: HistoryKey
    history: History
    is_whole: bool


def keys(session: Session) -> Iterator[HistoryKey]:
    """Yield a session's histories: of each completed test, that of the metric that represents its test type."""
    completed = Test.select(Test.model, Test.test_type, Test.options)
    for test in completed.where(Test.session == session.id, Test.status == Status.COMPLETED).order_by(Test.position):
        test_type = TEST_TYPES.get(test.test_type)  # None: one of another release
        if test_type:
            options = options_text(test.options)
            yield HistoryKey(test.model, test.test_type, test_type.headline, session.host, options)


def evaluated(key: HistoryKey) -> EvaluatedHistory | None:
    """Return the history, or None if one of its records cannot be read."""
    asked = Asked(key.model, key.test_type, METRICS[key.metric], host=key.host, options=key.options)
    try:
        found = answered(asked)
        found.history.findings  # noqa: B018 - evaluated here, before the transaction in which it is used
    except UnreadableRecord as error:
        logger.warning("%s of %s cannot be looked at for regressions: %s", key.test_type, key.model, error)
        return None
    return EvaluatedHistory(key, found.history, found.older is None)
