"""When queued sessions will run, in words."""

from redis.exceptions import RedisError
from rq import Worker

from api.http.redis import redis
from common.errors import Unavailable
from common.messaging.jobs import queue
from common.store.reads import totals
from common.store.tables import Phase, Session, Status

QUEUED_LATER = "stored; a worker puts it on the queue within two minutes after the problem is solved."


def queue_status(sessions: list[Session], problem: str | None = None) -> str:
    """Return when the sessions will run, as far as it is known. `problem` says why they are not on the queue yet."""
    if problem:
        return f"{QUEUED_LATER} {problem}"
    try:
        return _places(sessions, Worker.count(queue=queue.sessions(redis())))
    except (RedisError, Unavailable) as error:  # the sessions are stored all the same
        return f"waiting; the position in the queue is unknown. {error}"


def _places(sessions: list[Session], workers: int) -> str:
    by_host = {session.host: _status(session, workers) for session in sessions}
    if len(set(by_host.values())) == 1:
        text = next(iter(by_host.values()))
    else:
        text = "; ".join(f"{host}: {status}" for host, status in by_host.items())
    needed = len({session.machine for session in sessions if session.status == Status.RUNNING})
    if 0 < workers < needed:
        return f"{text}; they need {needed} workers to run at the same time, and {workers} {_are(workers)} running"
    return text


def _status(session: Session, workers: int) -> str:
    if session.status != Status.RUNNING or session.phase != Phase.QUEUED:
        return f"the session is {session.status}, phase {session.phase}"
    if not workers:
        return "waiting for a worker: none is running; start one with python -m worker"
    ahead = totals.before(session)
    if not ahead:
        return _next(workers)
    place = f"host {session.host}" if session.machine == session.host else f"machine {session.machine}"
    return f"waiting: {ahead} session{'s' * (ahead > 1)} {_are(ahead)} ahead on {place}"


def _next(workers: int) -> str:
    """Return when a session starts that is the first on its machine. A worker runs one session at a time."""
    busy = len({use.machine for use in totals.machine_uses() if use.phase != Phase.QUEUED})
    if busy < workers:
        return "starting now"
    count = "the only worker is busy" if workers == 1 else f"all {workers} workers are busy"
    return f"waiting for a free worker: {count}; start another with python -m worker"


def _are(count: int) -> str:
    return "is" if count == 1 else "are"
