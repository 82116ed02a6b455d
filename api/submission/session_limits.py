"""Limits of one session's size and of open sessions per key."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from api.http.auth import owner
from api.http.errors import refuse
from api.http.settings import settings
from common.catalogue.test_types import Options, TestType
from common.config import ALL_HOSTS
from common.store import sessions

Json = dict[str, Any]


def check_session(body: Json, types: Mapping[str, Options], catalogue: dict[str, TestType]) -> str | None:
    """Whose the session is to be: None without keys. 422 for one that is too large, 429 for one too many.

    `types` are the options of each test type that is asked for, all of them.
    """
    hosts = len(settings().ollama_hosts) if body["host"] == ALL_HOSTS else 1
    _check_runs(body, hosts, {name: _runs(catalogue[name], options) for name, options in types.items()})
    whose = owner()
    _check_open(whose, hosts)
    return whose


def _runs(test_type: TestType, options: Options) -> int:
    """How many runs a test may take, as far as its options tell: a few types have points beside those."""
    return len(test_type.points(options)) * int(options.get("maxRepetitions") or 1)


def _check_runs(body: Json, hosts: int, runs: dict[str, int]) -> None:
    most, models = settings().max_runs, len(body["models"])
    asked = sum(runs.values()) * models * hosts
    if asked > most:
        less = "ask for fewer models, test types, values of options, or a lower maxRepetitions"
        each = {name: [f"{count} runs a model"] for name, count in runs.items()}
        refuse(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            f"the session may take {asked} runs (models × test types × points × maxRepetitions × hosts), "
            f"and {most} are allowed: {less}",
            {"runs": [f"{asked} asked for, {most} allowed"], "testTypes": each},
        )


def _check_open(whose: str | None, hosts: int) -> None:
    """Those that are submitted at the same moment do not see each other, so that a few more may get through."""
    most, there = settings().max_open_sessions, sessions.open_sessions(whose)
    if there + hosts > most:
        whom = "with this key" if whose else "without a key"
        refuse(
            HTTPStatus.TOO_MANY_REQUESTS,
            f"{there} sessions {whom} wait or run, and {most} are allowed: wait until some have ended, or cancel some",
            {"sessions": [f"{hosts} asked for, {there} open, {most} allowed"]},
        )
