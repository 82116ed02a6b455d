"""`GET /overview`: what the machine of a host can do, as its page shows it."""

from dataclasses import asdict

from api.conclusions.machines.capacity import RATE, WAIT, Served, median
from api.conclusions.machines.overview import ModelOnHost, overview
from api.conclusions.machines.sentences import answers
from api.conclusions.readings.last_hour import last_hour
from api.http.redis import redis
from api.http.settings import host_named
from api.openapi.resource import Resource
from api.schemas.machines import overview as schemas
from common.store.earlier.newest.loads import LoadPoint
from common.store.earlier.newest.newest import StoredResult
from common.values.free_json import Json
from common.values.units import iso

resource = Resource("overview", __name__, description="What the machine of a host can do.")


@resource.operation(
    "GET", "/overview", name="readOverview", answer=(200, schemas.Overview), query=schemas.OverviewQuery
)
def read(query: Json) -> Json:
    """Return what the machine of a host can do.

    It has the memory that each model needs there, measured or computed from its file, its speed, how many users it
    serves, the energy of a token, and the machine's last hour. Models of other hosts are listed too, to see if they
    would fit. The installed models are at most 30 seconds old.
    """
    host = host_named(query.get("host"))
    found = overview(host, query["context"])
    return {
        "host": host,
        "problem": found.problem,
        "answers": [asdict(each) for each in answers(found)],
        "room": asdict(found.room),
        "held_by_others": found.held_by_others,
        "context": found.context,
        "slots": found.cache.slots,
        "slots_from": found.cache.source,
        "price_per_kwh": found.price and found.price.per_kwh,
        "currency": found.price and found.price.currency,
        "models": [_model(each) for each in found.models],
        "capacity": [_capacity(each) for each in found.served],
        "last_hour": asdict(last_hour(redis(), host)),
    }


def _model(found: ModelOnHost) -> Json:
    return {
        "model_name": found.name,
        "installed": found.is_installed,
        "size": found.kind.size,
        "memory": asdict(found.need),
        "speed": found.speed and _value(found.speed),
        "wait": found.wait and _value(found.wait),
        "users": found.served and found.served.users,
        "costs": [asdict(cost) for cost in found.costs],
    }


def _value(found: StoredResult) -> Json:
    return {
        "value": found.value,
        "ci95": found.statistic and found.statistic.get("ci95"),
        "grade": found.grade,
        "session_id": found.test.session_id,
        "date": iso(found.test.at),
    }


def _capacity(found: Served) -> Json:
    return {
        "model_name": found.model,
        "test_type": found.test_type,
        "session_id": found.result.test.session_id,
        "grade": found.result.grade,
        "sentence": found.sentence,
        "users": found.users,
        "ttft_objective": found.objectives.wait,
        "inter_token_objective": found.objectives.gap,
        "points": [_point(each) for each in found.points],
    }


def _point(found: LoadPoint) -> Json:
    wait = found.statistics.get(WAIT)
    return {
        "users": found.users,
        "rate": median(found, RATE),
        "time_to_first_token": median(found, WAIT),
        "time_to_first_token95": wait and wait.get("p95"),
    }
