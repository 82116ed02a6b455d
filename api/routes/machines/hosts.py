"""`GET /hosts`: the hosts under test and their state."""

from collections.abc import Mapping
from itertools import pairwise
from statistics import median
from urllib.parse import urlsplit

from api.http.redis import redis
from api.http.settings import settings
from api.openapi.resource import Resource
from api.routes.machines.models import moment
from api.schemas.machines.hosts import Hosts
from api.submission.concurrent_requests import survey
from api.submission.machines import machines_last_known
from api.submission.timetable import UNKNOWN, ExpectedTime, timetable
from common.environment.servers.addresses import is_loopback
from common.errors import OllamaError, OllamaUnreachable
from common.messaging import streams
from common.messaging.inventory import published
from common.messaging.redis import clock_ms, progress_of, readings_of
from common.ollama.client import Ollama
from common.ollama.models import LoadedModel
from common.store.reads import sessions
from common.store.tables import Phase, Session
from common.values.free_json import Json
from common.values.units import iso, now

TIMEOUT_S = 2
"""Shorter than elsewhere, so that a host that is unavailable does not delay the page."""
MAX_NAMED = 5
"""Waiting sessions of a host that are named, the oldest ones."""
READINGS = 11
"""Number of readings from which a sampler's rate is computed."""


resource = Resource("hosts", __name__, description="The hosts under test.")


@resource.operation("GET", "/hosts", name="listHosts", answer=(200, Hosts))
def hosts() -> Json:
    """List the hosts under test, with their Ollama, queue and sampler.

    A host is listed even if its Ollama does not respond. Then `reason` and `advice` say why, and what to do.
    """
    stored = known()
    servers = survey(_server, settings().ollama_hosts, TIMEOUT_S)
    return {"hosts": [{**host, **_reachability(host["url"], servers[host["name"]])} for host in stored]}


def known() -> list[Json]:
    """Return the state in Redis and the database, without waiting for hosts or DNS.

    It is {name, machine, url, queue, session, sampler} of each host.
    """
    unfinished = sessions.unfinished()
    times = timetable(unfinished)
    machines = machines_last_known(redis(), settings().ollama_hosts)
    return [
        {
            "name": name,
            "machine": machines[name],
            "url": host.url,
            **_work([session for session in unfinished if session.host == name], times),
            "sampler": _sampler(name),
        }
        for name, host in settings().ollama_hosts.items()
    ]


def _server(ollama: Ollama) -> Json:
    return {"version": ollama.version(), "loaded": [_loaded(model) for model in ollama.loaded()]}


def _loaded(model: LoadedModel) -> Json:
    return {
        "name": model.name,
        "size": model.size,
        "size_vram": model.size_vram,
        "context": model.context_length,
        "expires": moment(model.expires),
    }


def _reachability(url: str, server: Json | OllamaError) -> Json:
    if isinstance(server, OllamaError):
        failure = {"reachable": False, "reason": str(server), "advice": _advice(url, server)}
        return {**failure, "version": None, "loaded": None}
    return {"reachable": True, "reason": None, "advice": None, **server}


def _advice(url: str, error: OllamaError) -> str | None:
    """Return how to make the server reachable. Any other error says itself what to do."""
    address = urlsplit(url)
    if not isinstance(error, OllamaUnreachable):
        return None
    if is_loopback(address.hostname or ""):
        return f"Start it on the API's machine: OLLAMA_HOST={address.netloc} ollama serve"
    return (
        f"Check that the machine is on, that Ollama listens to other machines (OLLAMA_HOST=0.0.0.0:{address.port} "
        f"ollama serve), and that its firewall allows port {address.port}."
    )


def _work(unfinished: list[Session], times: Mapping[str, ExpectedTime]) -> Json:
    """Return the queue and the running session. `unfinished` are the host's sessions, oldest first."""
    waiting = [session for session in unfinished if session.phase == Phase.QUEUED]
    running = [session for session in unfinished if session.phase != Phase.QUEUED]
    oldest = round((now() - waiting[0].created_at).total_seconds() * 1000) if waiting else None
    first = [_waiting(session, times.get(session.id, UNKNOWN)) for session in waiting[:MAX_NAMED]]
    current = _current(running[0], times.get(running[0].id, UNKNOWN)) if running else None
    return {"queue": {"waiting": len(waiting), "oldest": oldest, "first": first}, "session": current}


def _waiting(session: Session, expected: ExpectedTime) -> Json:
    return {
        "id": session.id,
        "name": session.name,
        "models": [model["name"] for model in session.models],
        "test_types": session.test_types,
        "submitted": iso(session.created_at),
        "expected_start": iso(expected.start),
        "expected_end": iso(expected.end),
    }


def _current(session: Session, expected: ExpectedTime) -> Json:
    """Return the session with the state of its last progress message, if there is one."""
    last = next((message for _, message in streams.newest(redis(), progress_of(session.id))), {})
    return {
        "id": session.id,
        "name": session.name,
        "models": [model["name"] for model in session.models],
        "test_types": session.test_types,
        "model": last.get("modelName") or None,
        "test_type": last.get("testType") or None,
        "progress": last.get("progress") if last.get("modelName") else None,
        "session_progress": last.get("session", {}).get("progress"),
        "expected_end": iso(expected.end),
    }


def _sampler(host: str) -> Json | None:
    """Return the sampler's state from its last readings, or None if there are none. Times are Redis's."""
    read_at = [seq for seq, _ in streams.newest(redis(), readings_of(host), READINGS)]
    if not read_at:
        return None
    intervals = [later - earlier for later, earlier in pairwise(read_at)]
    return {
        "age": max(0, clock_ms(redis()) - read_at[0]),
        "hz": round(1000 / median(intervals), 1) if intervals else None,
        "missing": (published(redis(), host) or {}).get("missing"),
    }
