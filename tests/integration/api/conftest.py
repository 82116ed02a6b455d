"""The application on a real Redis and a real SQLite, in the tests' process and under gunicorn."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from itertools import starmap
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from redis import Redis
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from api.app import create_app
from api.conclusions.machines import installed
from api.submission import capabilities, machines, placement
from common.environment.keys.api_keys import api_keys
from common.environment.servers.addresses import OllamaHost
from common.environment.settings import Settings
from common.environment.variables import Environment
from common.store.database import database
from testbed.ollama_double import OllamaDouble
from testbed.servers.api_server import ApiServer, api_server

KEY = "correct horse"
HEADER = {"X-API-Key": KEY}

NewApp = Callable[..., Flask]


def body(answer: TestResponse) -> Any:
    """Return the JSON of a response."""
    return answer.get_json()


def get(client: FlaskClient, path: str) -> Any:
    """Return the JSON at a path of the API."""
    answer = client.get(f"/api/v1{path}")
    assert answer.status_code == HTTPStatus.OK, answer.text
    return body(answer)


def is_a_time(text: str) -> bool:
    """Return whether this is a time of the last hour, in UTC."""
    return text.endswith("Z") and abs(datetime.now(UTC) - datetime.fromisoformat(text)) < timedelta(hours=1)


def _host(name: str, server: str | OllamaHost) -> tuple[str, OllamaHost]:
    """Return a host on a machine of its own, though all servers of the tests are on this one."""
    return name, OllamaHost(server, machine=name) if isinstance(server, str) else server


@pytest.fixture
def ollama() -> Iterator[OllamaDouble]:
    """Run the Ollama of the host `local`, whose models have known names."""
    with OllamaDouble("tiny:latest", "small:latest") as double:
        yield double


@pytest.fixture(scope="session", autouse=True)
def keep_compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Compile each template once, not once for each application, where Python keeps no bytecode."""
    compiled = FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": compiled}


@pytest.fixture(scope="session", autouse=True)
def keep_compiled_routes() -> Iterator[None]:
    """Compile what builds a route's URL once, not once for each application. It depends on the route alone."""
    compiled: dict[tuple[str, ...], Any] = {}
    compile_builder = Rule._compile_builder

    def builder(route: Rule, append_unknown: bool) -> Any:  # noqa: FBT001 - as Werkzeug's
        key = (route.rule, repr(route._trace), repr(route.defaults), repr(append_unknown))
        if key not in compiled:
            compiled[key] = compile_builder(route, append_unknown)
        return compiled[key]

    with patch.object(Rule, "_compile_builder", builder):
        yield


@pytest.fixture
def new_app(redis: Redis, redis_url: str, ollama: OllamaDouble, sqlite_url: str) -> Iterator[NewApp]:
    """Return a function that makes applications. Its arguments are settings."""
    assert redis.ping()
    # What this process knows of addresses and models is of earlier tests: ports of ended servers are given to others.
    for known in (machines._recent, installed._recent, capabilities._known):
        known.clear()
    for cached in (placement._installed, placement._version):
        cached.cache_clear()

    def make(**changed: object) -> Flask:
        values: dict[str, Any] = {
            "host": "127.0.0.1",
            "port": 8000,
            "environment": "development",
            "redis_url": redis_url,
            "database_url": sqlite_url,
            "ollama_hosts": {"local": ollama.url, "other": "http://127.0.0.1:1"},
            "sampler_host": "local",
            "sample_hz": 10.0,
            "log_format": "text",
        }
        values |= changed
        for name in ("api_keys", "read_only_keys"):
            values[name] = api_keys(Environment({"KEYS": ",".join(values.get(name, ()))}), "KEYS")
        values["ollama_hosts"] = dict(starmap(_host, values["ollama_hosts"].items()))
        return create_app(Settings(**values))

    yield make
    database.close()


@pytest.fixture
def app(new_app: NewApp) -> Flask:
    return new_app()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder with gait.db, the database of `server`."""
    return tmp_path_factory.mktemp("served")


@pytest.fixture(scope="module")
def running(folder: Path, redis_url: str) -> Iterator[ApiServer]:
    settings = {
        "REDIS_URL": redis_url,
        "DATABASE_URL": f"sqlite:///{folder}/gait.db",
        "API_KEYS": KEY,
        "OLLAMA_HOSTS": "local@local=http://127.0.0.1:1,other@other=http://127.0.0.1:1",
    }
    with api_server(folder, settings) as running:
        yield running


@pytest.fixture
def server(running: ApiServer) -> Iterator[ApiServer]:
    """Return the API under gunicorn, which needs KEY and has the hosts `local` and `other`, without clients."""
    yield running
    running.disconnect()
