"""`GET /hosts`: the machines under test, and how each of them stands."""

from ipaddress import ip_address
from itertools import pairwise
from statistics import median
from urllib.parse import urlsplit

from api.app_state import redis
from api.http.openapi import Resource
from api.http.settings import settings
from api.routes.models import moment
from api.schemas.machines import Hosts
from api.submission.survey import survey
from common.errors import OllamaError, OllamaUnreachable
from common.free_json import Json
from common.messaging import streams
from common.messaging.inventory import published
from common.messaging.redis import clock_ms, progress_of, readings_of
from common.ollama.client import LoadedModel, Ollama
from common.store import sessions
from common.store.tables import Phase, Session
from common.units import now

ANSWER_TIMEOUT_S = 2
"""Shorter than elsewhere: nobody waits longer for the page because a host is away."""
READINGS = 11
"""So many tell how often a sampler reads."""


resource = Resource("hosts", __name__, description="The machines under test.")


@resource.operation("GET", "/hosts", answer=(200, Hosts))
def hosts() -> Json:
    """The machines under test, with their Ollama, queue and sampler. One that is away is shown as such."""
    standing = known()
    servers = survey(_server, settings().ollama_hosts, ANSWER_TIMEOUT_S)
    return {"hosts": [{**host, **_reached(host["url"], servers[host["name"]])} for host in standing]}


def known() -> list[Json]:
    """What Redis and the database hold of each host, which takes no time: {name, url, queue, session, sampler}."""
    unfinished = sessions.unfinished()
    return [
        {
            "name": name,
            "url": url,
            **_work([session for session in unfinished if session.host == name]),
            "sampler": _sampler(name),
        }
        for name, url in settings().ollama_hosts.items()
    ]


def _server(ollama: Ollama) -> Json:
    return {"version": ollama.version(), "loaded": [_loaded(model) for model in ollama.loaded()]}


def _loaded(model: LoadedModel) -> Json:
    return {
        "name": model.name,
        "size": model.size,
        "size_vram": model.size_vram,
        "context": model.context_length,
        "expires": moment(model.expires) if model.expires else None,
    }


def _reached(url: str, server: Json | OllamaError) -> Json:
    if isinstance(server, OllamaError):
        away = {"reachable": False, "reason": str(server), "advice": _advice(url, server)}
        return {**away, "version": None, "loaded": None}
    return {"reachable": True, "reason": None, "advice": None, **server}


def _advice(url: str, error: OllamaError) -> str:
    address = urlsplit(url)
    if not isinstance(error, OllamaUnreachable):
        return "look what listens there: OLLAMA_HOSTS must name the address of an Ollama, and its log says what ails it"
    if _is_loopback(address.hostname or ""):
        return f"start it where the API runs: OLLAMA_HOST={address.netloc} ollama serve"
    return (
        f"see that the machine is on, that Ollama listens there for others (OLLAMA_HOST=0.0.0.0:{address.port} "
        f"ollama serve), and that its firewall lets port {address.port} through"
    )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _work(unfinished: list[Session]) -> Json:
    """`unfinished` are the host's sessions, oldest first."""
    waiting = [session for session in unfinished if session.phase == Phase.QUEUED]
    running = [session for session in unfinished if session.phase != Phase.QUEUED]
    oldest = round((now() - waiting[0].created_at).total_seconds() * 1000) if waiting else None
    return {"queue": {"waiting": len(waiting), "oldest": oldest}, "session": _current(running[0]) if running else None}


def _current(session: Session) -> Json:
    """Where the session stands by its last progress message, if there is one."""
    told = next((message for _, message in streams.newest(redis(), progress_of(session.id))), {})
    return {
        "id": session.id,
        "name": session.name,
        "model": told.get("modelName"),
        "test_type": told.get("testType"),
        "progress": told.get("progress") if told.get("modelName") else None,
        "session_progress": told.get("session", {}).get("progress"),
    }


def _sampler(host: str) -> Json | None:
    """By its last readings, on the clock of Redis; None if there are none."""
    read_at = [seq for seq, _ in streams.newest(redis(), readings_of(host), READINGS)]
    if not read_at:
        return None
    between = [later - earlier for later, earlier in pairwise(read_at)]
    return {
        "age": max(0, clock_ms(redis()) - read_at[0]),
        "hz": round(1000 / median(between), 1) if between else None,
        "missing": (published(redis(), host) or {}).get("missing"),
    }
