"""A stored regression or improvement, as routes and notifications give it."""

from api.conclusions.comparisons.comparison_json import difference, metric_fields
from common.catalogue.metrics import METRICS
from common.stats.comparing.comparison import Difference
from common.store.alerts.tables import Regression
from common.values.free_json import Json
from common.values.units import iso


def described(regression: Regression) -> Json:
    """Return the regression with the fields of its schema."""
    record = regression.record
    low, high = record["ci95"]
    change = Difference(record["change"], (low, high), record["relative"])
    return {
        **difference(change, record["unit"]),
        "outcome": regression.outcome,
        "sentence": record["sentence"],
        "reasons": [],
        **metric_fields(METRICS[regression.metric]),
        "unit": record["unit"],
        "id": regression.id,
        "state": "open" if regression.over_at is None else "over",
        "model_name": regression.model,
        "test_type": regression.test_type,
        "host": regression.host,
        "options": regression.options,
        "kind": "drift" if record["drifts"] else "step",
        "before": record["before"],
        "after": record["after"],
        "coinciding": record["coinciding"],
        "first_session": regression.first,
        "start": iso(regression.first_at),
        "seen_session": regression.seen,
        "seen": iso(regression.seen_at),
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
