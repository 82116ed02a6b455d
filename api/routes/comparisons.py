"""`GET /comparisons`: sessions, models or spans of time against a baseline, with a verdict on each number."""

from http import HTTPStatus

from api.comparisons.answer import answer
from api.comparisons.chosen import chosen
from api.comparisons.comparison import Comparison
from api.openapi.resource import Resource
from api.routes import unreadable
from api.schemas import comparisons as schemas
from common.free_json import Json

resource = Resource("comparisons", __name__, description="Differences of sessions and models.")
ANY = "any"


@resource.operation(
    "GET",
    "/comparisons",
    name="readComparison",
    answer=(200, schemas.Comparison),
    query=schemas.ComparisonQuery,
    failures=(HTTPStatus.NOT_FOUND,),
)
def read(query: Json) -> Json:
    """Compare sessions, or some of their models, with a baseline.

    Each number has a verdict with its interval, the smallest change that could have been seen, and the reasons if
    nothing clearer can be said. The page `/compare` shows the same. Without a `candidate`, the models of the baseline's
    session are compared with its first one.
    """
    shown, left_out = chosen([query["baseline"], *query["candidate"]])
    comparison = Comparison(shown, query["baseline"], any_digest=query["digests"] == ANY)
    return {**unreadable.one(comparison, answer), "left_out": left_out}
