"""The events of regressions and samplers."""

from datetime import datetime
from urllib.parse import urlencode

from api.histories.stored_regressions import described
from api.schemas.conclusions.regressions import Regression as RegressionSchema
from common.alerts.event_types import EventType
from common.store.alerts.outbox import NewEvent, publish
from common.store.alerts.tables import Regression
from common.units import iso


def tell_regression(event_type: EventType, regression: Regression, at: datetime) -> None:
    """Store that a regression was found or is over, in the transaction of the caller."""
    where = f"On {regression.host}: "
    sentence = regression.record["sentence"] if regression.over_sentence is None else regression.over_sentence
    if event_type is EventType.REGRESSION_OPENED:
        text = f"Worse. {where}{regression.record['sentence']}"
    else:
        text = f"No longer worse. {where}{sentence}"
    publish(NewEvent(event_type, at, text, _history(regression), RegressionSchema().dump(described(regression))))


def tell_silence(machine: str, last_reading: datetime, at: datetime) -> None:
    """Store that a machine's readings are missed, in the transaction of the caller."""
    text = (
        f"The sampler of {machine} is silent: its last reading is from {last_reading:%Y-%m-%d %H:%M} UTC. "
        "Check that the machine is on, that the sampler runs there and that it reaches Redis."
    )
    data = {"machine": machine, "lastReading": iso(last_reading), "silentSince": iso(at)}
    publish(NewEvent(EventType.SAMPLER_SILENT, at, text, "/machines", data))


def tell_return(machine: str, silent_since: datetime, at: datetime) -> None:
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
