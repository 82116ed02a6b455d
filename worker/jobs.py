"""What the queue calls, by name."""

import time
from uuid import uuid4

import structlog
from redis import Redis
from redis.exceptions import RedisError
from rq import Retry, get_current_job
from rq.job import Job

from common.config import settings
from common.errors import ClaimLost, GaitError
from common.messaging.queue import RESTARTS
from common.store import claims
from common.store.database import AWAY, database, initialise
from common.store.tables import Session
from worker.procedure.progress import publish_last_end
from worker.sessions.runner import SessionRunner, give_up

logger = structlog.get_logger(__name__)

FRUITLESS_CLAIMS = 10
"""A session that so many workers took up without finishing a single run is given up."""
PAUSE_S = 2


class ShutdownRequested(Exception):
    """This worker was asked to stop; another one is to go on with the session."""


def run_session(session_id: str) -> Retry | None:
    """Run a session, or what is left of it. Returns a Retry where the worker stops before the session has ended."""
    initialise(settings().database_url)
    with database.connection_context():
        try:
            _run(session_id, _current_job())
        except ShutdownRequested:
            return Retry(max=RESTARTS, interval=0, enqueue_at_front=True)
        except ClaimLost as lost:
            logger.warning("another worker has taken over", reason=str(lost))
        except (*AWAY, RedisError):
            time.sleep(PAUSE_S)  # RQ starts the job again at once
            raise
    return None


def _run(session_id: str, job: Job) -> None:
    claim = claims.Claim(session_id, str(uuid4()))
    session = claims.take(claim)
    if session is None:
        logger.info("nothing to do: the session has ended", session=session_id)
        publish_last_end(job.connection, session_id)
        return
    try:
        _session_run(claim, session, job).run()
    except (ShutdownRequested, ClaimLost, *AWAY, RedisError):
        raise
    except Exception as error:
        logger.exception("the session cannot go on", session=session_id)
        give_up(job.connection, claim, f"the worker failed: {error!r}; its log has the trace")


def _session_run(claim: claims.Claim, session: Session, job: Job) -> SessionRunner:
    if session.failed_claims > FRUITLESS_CLAIMS:
        raise GaitError(f"{FRUITLESS_CLAIMS} workers took the session up and none finished a run")
    url = settings().ollama_hosts.get(session.host)
    if url is None:
        raise GaitError(f"host {session.host} is not in this worker's OLLAMA_HOSTS")
    resumed = session.failed_claims > 1 or session.hardware is not None
    return SessionRunner(job.connection, claim, session, url, resumed, lambda: _checkpoint(job.connection, job, claim))


def _checkpoint(redis: Redis, job: Job, claim: claims.Claim) -> None:
    """Before each request. RQ notes in the worker's hash that it was asked to stop, and otherwise waits for its job.

    A worker that was frozen until another took over must not ask anything more: the host may be another session's.
    """
    if redis.hget(f"rq:worker:{job.worker_name}", "shutdown_requested_date"):
        raise ShutdownRequested
    if not claims.holds(claim):
        raise ClaimLost(f"session {claim.session_id} is no longer this worker's")


def _current_job() -> Job:
    job = get_current_job()
    if job is None:
        raise GaitError("run_session runs as a job of the queue only")
    return job
