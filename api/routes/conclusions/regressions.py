"""`/regressions`: lasting changes for the worse or the better, and whether somebody knows of them."""

from http import HTTPStatus
from uuid import UUID

from api.conclusions.histories.stored_regressions import described
from api.http.responses.errors import or_404
from api.openapi.resource import Resource
from api.schemas.conclusions.regressions import Regression, RegressionPatch, RegressionQuery, Regressions
from common.stats.comparing.comparison import Outcome
from common.store.alerts import regressions as stored
from common.store.alerts.ended import count_unevaluated
from common.store.alerts.tables import Regression as StoredRegression
from common.store.reads.lists.pages import Page
from common.values.free_json import Json
from common.values.units import model_name

OUTCOMES = {"worse": Outcome.WORSE, "better": Outcome.BETTER, "all": None}
STATES = {"open": True, "over": False, "all": None}

resource = Resource("regressions", __name__, description="Results that have become worse for good.")


@resource.operation(
    "GET",
    "/regressions",
    name="listRegressions",
    answer=(200, Regressions),
    query=RegressionQuery,
)
def listing(query: Json) -> Json:
    """List regressions, the most recently found first.

    When a session has ended, Gait evaluates its histories as the page of the history does, by the metric that
    represents each test type. A lasting change for the worse is a regression. It is open until a later session shows
    that the metric is no longer worse than before. Without `state`, only open ones are listed. `outcome=better` lists
    lasting changes for the better. They are open until a later session shows that the metric is no longer better than
    before.
    """
    wanted = stored.RegressionFilter(
        outcome=OUTCOMES[query["outcome"]],
        is_open=STATES[query["state"]],
        acknowledged=query.get("acknowledged"),
        model=model_name(query["model_name"]) if "model_name" in query else None,
        test_type=query.get("test_type"),
        metric=query.get("metric"),
        host=query.get("host"),
        session=str(query["session_id"]) if "session_id" in query else None,
    )
    found, total = stored.listed(wanted, Page(query["page"], query["limit"]))
    return {
        "regressions": [described(each) for each in found],
        "unjudged": count_unevaluated(wanted.session),
        "total": total,
        "page": query["page"],
        "limit": query["limit"],
    }


@resource.operation(
    "GET",
    "/regressions/<uuid:regression_id>",
    name="readRegression",
    answer=(200, Regression),
    failures=(HTTPStatus.NOT_FOUND,),
)
def read(regression_id: UUID) -> Json:
    """Return a regression.

    It is also found when it is over, and when its sessions were deleted.
    """
    return described(_found(regression_id))


@resource.operation(
    "PATCH",
    "/regressions/<uuid:regression_id>",
    name="patchRegression",
    answer=(200, Regression),
    body=RegressionPatch,
    failures=(HTTPStatus.NOT_FOUND,),
)
def patch(body: Json, regression_id: UUID) -> Json:
    """Mark a regression as known, and note what was decided.

    It stays open until a later session shows that it is over.
    """
    found = _found(regression_id)
    stored.acknowledge(found.id, acknowledged=body.get("acknowledged"), note=body.get("note"), with_note="note" in body)
    return described(_found(regression_id))


def _found(regression_id: UUID) -> StoredRegression:
    return or_404(stored.regression(str(regression_id)), regression_id, "regression")
