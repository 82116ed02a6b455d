"""A stored regression, as routes and notifications give it."""

from typing import Any

from common.free_json import Json
from common.stats.comparing.comparison import PERCENT_UNIT
from common.store.alerts.tables import Regression
from common.units import iso


def described(regression: Regression) -> Json:
    """Return the regression with the fields of its schema."""
    record: dict[str, Any] = dict(regression.record)
    return {
        "id": regression.id,
        "state": "open" if regression.over_at is None else "over",
        "model_name": regression.model,
        "test_type": regression.test_type,
        "metric": regression.metric,
        "unit": record["unit"],
        "host": regression.host,
        "options": regression.options,
        "kind": "drift" if record["drifts"] else "step",
        "change": record["change"],
        "change_unit": PERCENT_UNIT if record["relative"] else record["unit"],
        "ci95": list(record["ci95"]),
        "before": record["before"],
        "after": record["after"],
        "coincides": record["coincides"],
        "sentence": record["sentence"],
        "first_session": regression.first,
        "since": iso(regression.first_at),
        "seen_session": regression.seen,
        "seen_at": iso(regression.seen_at),
        "opened_at": iso(regression.opened_at),
        "over": _over(regression),
        "acknowledged_at": iso(regression.acknowledged_at),
        "note": regression.note,
    }


def _over(regression: Regression) -> Json | None:
    if regression.over_at is None:
        return None
    return {
        "at": iso(regression.over_at),
        "reason": regression.over_reason,
        "session_id": regression.over_session,
        "sentence": regression.over_sentence,
    }
