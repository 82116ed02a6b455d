"""Limits of one session's size, and of open sessions per key."""

from collections.abc import Mapping
from http import HTTPStatus

from api.http.responses.errors import refuse
from api.http.settings import settings
from common.catalogue.options import Options
from common.catalogue.test_types import TEST_TYPES
from common.environment.servers.hosts import ALL_HOSTS
from common.store.reads import sessions
from common.values.free_json import Json


def check_runs(body: Json, options: Mapping[str, Options]) -> None:
    """Refuse a session that is too large (422). `options` are the resolved options of each of its test types."""
    _check_runs(body, _count(body), {name: _runs(name, given) for name, given in options.items()})


def _count(body: Json) -> int:
    """Return the number of sessions that the body asks for."""
    hosts = len(settings().ollama_hosts) if body["host"] == ALL_HOSTS else 1
    return hosts * int(body["repeat"])


def _runs(test_type: str, options: Options) -> int:
    """Return the maximum of runs as far as the options say. Some types add points of their own."""
    return len(TEST_TYPES[test_type].points(options)) * int(options.get("maxRepetitions") or 1)


def _check_runs(body: Json, count: int, runs: dict[str, int]) -> None:
    maximum = settings().max_runs
    requested = sum(runs.values()) * len(body["models"]) * count
    if requested > maximum:
        refuse(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            f"the session may take {requested} runs (models × test types × points × maxRepetitions × hosts × repeat), "
            f"and the maximum is {maximum}; ask for fewer models, test types or values, or for a lower maxRepetitions",
            {
                "runs": [f"requested: {requested}, maximum: {maximum}"],
                "testTypes": {name: [f"{count} runs per model"] for name, count in runs.items()},
            },
        )


def check_open(body: Json, session_owner: str | None) -> None:
    """Refuse more open sessions of an owner than the maximum (429). `session_owner` is None without keys.

    Requests at the same moment do not see each other, so a few more may pass.
    """
    count, maximum, opened = _count(body), settings().max_open_sessions, sessions.open_sessions(session_owner)
    if opened + count > maximum:
        whose = "with this key" if session_owner else "without a key"
        refuse(
            HTTPStatus.TOO_MANY_REQUESTS,
            f"{opened} sessions {whose} are waiting or running, and the maximum is {maximum}; "
            "wait until some have ended, or cancel some",
            {"sessions": [f"requested: {count}, open: {opened}, maximum: {maximum}"]},
        )
