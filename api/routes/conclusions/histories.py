"""`GET /histories`: one model and test type over many sessions, and what lasts in them."""

from api.histories.answer import answer
from api.histories.asked import Asked, answered, metric_of, model_and_test_type
from api.openapi.resource import Resource
from api.routes import unreadable
from api.schemas.conclusions.histories import History, HistoryQuery
from common.free_json import Json

resource = Resource("histories", __name__, description="Models over many sessions.")


@resource.operation("GET", "/histories", name="readHistory", answer=(200, History), query=HistoryQuery)
def read(query: Json) -> Json:
    """Return the comparable sessions of one model and test type, with the steps and drifts that last.

    The newest 200 sessions of the window are read, and those of one host with one set of options are judged together.
    The page `/history` shows the same.
    """
    model, test_type, _ = model_and_test_type(query.get("model", ""), query.get("test_type", ""))
    metric = metric_of(test_type, query.get("metric"))
    wanted = {name: query.get(name) for name in ("host", "options", "start", "end")}
    return unreadable.one(answered(Asked(model, test_type, metric, **wanted)), answer)
