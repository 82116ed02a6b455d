"""`GET /histories`: one model and test type over many sessions, and what lasts in them."""

from api.conclusions.histories.default_history import named
from api.conclusions.histories.history_json import answer
from api.conclusions.histories.history_query import Asked, answered, metric_of
from api.openapi.resource import Resource
from api.routes import unreadable
from api.schemas.conclusions.histories import History, HistoryQuery
from common.values.free_json import Json

resource = Resource("histories", __name__, description="Models over many sessions.")


@resource.operation("GET", "/histories", name="readHistory", answer=(200, History), query=HistoryQuery)
def read(query: Json) -> Json:
    """Return the comparable sessions of one model and test type, with the steps and drifts that last.

    If model or test type are left open, it is the history of the newest regression, or of the test that completed
    last. The newest 200 sessions of the window are read, and those of one host with one set of options are evaluated
    together. The page `/history` shows the same.
    """
    chosen = named(query.get("model", ""), query.get("test_type", ""))
    metric = metric_of(chosen.test_type, query.get("metric"))
    host, options = chosen.place(query.get("host"), query.get("options"))
    asked = Asked(chosen.model, chosen.test_type, metric, host, options, query.get("start"), query.get("end"))
    return unreadable.one(answered(asked), answer)
