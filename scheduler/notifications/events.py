"""The events of regressions and samplers."""

from datetime import datetime
from urllib.parse import urlencode

from api.conclusions.histories.stored_regressions import described
from api.schemas.conclusions.regressions import Regression as RegressionSchema
from common.alerts.event_types import EventType
from common.store.alerts.outbox import NewEvent, publish
from common.store.alerts.tables import Regression
from common.values.units import iso


def publish_regression(regression: Regression, at: datetime) -> None:
    """Store that a regression was found, or that it is over, in the transaction of the caller."""
    if regression.over_sentence is None:
        event_type, outcome, sentence = EventType.REGRESSION_OPENED, "Worse", regression.record["sentence"]
    else:
        event_type, outcome, sentence = EventType.REGRESSION_OVER, "No longer worse", regression.over_sentence
    text = f"{outcome}. On {regression.host}: {sentence}"
    publish(NewEvent(event_type, at, text, _history(regression), RegressionSchema().dump(described(regression))))


def publish_silence(machine: str, last_reading: datetime, at: datetime) -> None:
    """Store that a machine's readings are missed, in the transaction of the caller."""
    text = (
        f"The sampler of {machine} is silent: its last reading is from {last_reading:%Y-%m-%d %H:%M} UTC. "
        "Check that the machine is on, that the sampler runs there and that it reaches Redis."
    )
    data = {"machine": machine, "lastReading": iso(last_reading), "silentSince": iso(at)}
    publish(NewEvent(EventType.SAMPLER_SILENT, at, text, "/machines", data))


def publish_return(machine: str, silent_since: datetime, at: datetime) -> None:
    """Store that a machine's readings come again, in the transaction of the caller."""
    text = f"The sampler of {machine} sends readings again."
    data = {"machine": machine, "lastReading": iso(at), "silentSince": iso(silent_since)}
    publish(NewEvent(EventType.SAMPLER_BACK, at, text, "/machines", data))


def _history(regression: Regression) -> str:
    """Return the path of the page that shows the regression."""
    shown = {
        "model": regression.model,
        "testType": regression.test_type,
        "metric": regression.metric,
        "host": regression.host,
        "options": regression.options,
    }
    return f"/history?{urlencode(shown)}"
