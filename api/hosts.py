"""`GET /hosts`: the machines under test, and how each of them stands."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

from api.context import redis, settings
from api.openapi import Resource
from api.schemas.machines import Hosts
from common import queries
from common.errors import OllamaError
from common.models import Phase
from common.ollama import Ollama
from common.redis import clock_ms, readings_of

ANSWER_TIMEOUT_S = 3
"""Shorter than elsewhere: a host that hangs must not hide the others."""

resource = Resource("hosts", __name__, description="The machines under test.")


@resource.operation("GET", "/hosts", answer=(200, Hosts))
def hosts() -> dict[str, Any]:
    """The machines under test, with their Ollama, queue and sampler."""
    known = settings().ollama_hosts
    with ThreadPoolExecutor(max_workers=len(known)) as asking:
        servers = list(asking.map(_server, known.values()))
    return {
        "hosts": [
            {"name": name, "url": url, **server, **_queue(name), "sampler": {"age": _sampler_age(name)}}
            for (name, url), server in zip(known.items(), servers, strict=True)
        ]
    }


def _server(url: str) -> dict[str, Any]:
    ollama = Ollama(url, ANSWER_TIMEOUT_S)
    try:
        version, loaded = ollama.version(), [model.name for model in ollama.loaded()]
    except OllamaError:
        return {"reachable": False, "version": None, "loaded": None}
    return {"reachable": True, "version": version, "loaded": loaded}


def _queue(host: str) -> dict[str, Any]:
    sessions = queries.unfinished(host)
    running = [session.id for session in sessions if session.phase != Phase.QUEUED]
    return {"waiting": len(sessions) - len(running), "session": running[0] if running else None}


def _sampler_age(host: str) -> int | None:
    """Milliseconds since the sampler's last reading, on the clock of Redis."""
    newest = cast("list[tuple[bytes, Any]]", redis().xrevrange(readings_of(host), count=1))
    return max(0, clock_ms(redis()) - int(newest[0][0].split(b"-")[0])) if newest else None
