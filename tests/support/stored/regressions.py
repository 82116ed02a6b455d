"""Regressions in the database, as the scheduler stores them."""

from datetime import datetime, timedelta

from common.records.regressions import RegressionRecord
from common.stats.comparing.comparison import Outcome
from common.store.alerts import regressions
from common.store.alerts.regressions import HistoryKey
from common.store.alerts.tables import Regression
from tests.support.stored.comparable import DAY

SESSIONS = [f"01a209d2-d221-741c-84d0-38c0f996e1b{digit}" for digit in range(6)]
"""Ids of sessions that need not be there."""
RECORD: RegressionRecord = {
    "unit": "tokens/s",
    "relative": True,
    "change": -12.0,
    "ci95": (-14.0, -10.0),
    "drifts": False,
    "before": {"value": 100.0, "ci95": (99.0, 101.0)},
    "after": {"value": 88.0, "ci95": (87.0, 89.0)},
    "coinciding": ["Ollama changed from 0.9.3 to 0.9.4"],
    "sentence": "decode of tiny:latest fell by 12.0 % (10.0 to 14.0) on 2026-03-13.",
}
"""What is kept of a regression of `decode`."""


def stored(
    number: int,
    model: str = "tiny:latest",
    host: str = "local",
    outcome: Outcome = Outcome.WORSE,
    at: datetime = DAY,
) -> Regression:
    """Store a regression or an improvement as the scheduler does."""
    key = HistoryKey(model, "decode", "decodeTokensPerSecond", host, "outputTokens 128")
    first, seen = (SESSIONS[number], at), (SESSIONS[number + 1], at + timedelta(days=number))
    record = RECORD if outcome is Outcome.WORSE else {**RECORD, "change": 12.0, "ci95": (10.0, 14.0)}
    return regressions.add(key, first, seen, record, outcome)
