"""The job of the queue: run a session, or what is left of it."""

import time
from uuid import uuid4

import structlog
from redis import Redis
from rq import Retry, get_current_job
from rq.job import Job

from common.config import settings
from common.errors import ClaimLost, GaitError, ShutdownRequested, Unavailable
from common.failures import describe
from common.messaging.queue import MAX_RESTARTS
from common.store import claims
from common.store.database import database, initialise
from common.store.tables import Session
from worker.procedure.progress import publish_last_end
from worker.sessions.interruptions import INTERRUPTIONS
from worker.sessions.runner import SessionRunner, give_up

logger = structlog.get_logger(__name__)

MAX_FAILED_CLAIMS = 10
"""Claims in a row that may finish no run before the session is failed."""
PAUSE_S = 2
"""Pause before RQ restarts a job that lost the database or Redis, or whose end could not be stored."""


def run_session(session_id: str) -> Retry | None:
    """Run a session, or what is left of it.

    Returns:
        A Retry if the worker stops before the session has ended, so that RQ queues the job again.
    """
    initialise(settings().database_url)
    try:
        with database.connection_context():
            _run(session_id, _current_job())
    except ShutdownRequested:
        return Retry(max=MAX_RESTARTS, interval=0, enqueue_at_front=True)
    except ClaimLost as lost:
        logger.warning("another worker took over the session", reason=str(lost))
    except Exception as error:  # noqa: BLE001 - RQ logs and stores messages, which may quote data
        time.sleep(PAUSE_S)  # RQ starts the job again at once
        raise Unavailable(describe(error)) from None
    return None


def _run(session_id: str, job: Job) -> None:
    claim = claims.Claim(session_id, str(uuid4()))
    session = claims.take(claim)
    if session is None:
        logger.info("the session has already ended", session=session_id)
        publish_last_end(job.connection, session_id)
        return
    try:
        _runner(claim, session, job).run()
    except INTERRUPTIONS:
        raise
    except GaitError as error:
        give_up(job.connection, claim, str(error))
    except Exception as error:  # otherwise RQ would start the session again, and meet the error again
        logger.exception("the session failed", session=session_id)
        give_up(job.connection, claim, f"The worker failed: {describe(error)}. Its log has the stack trace.")


def _runner(claim: claims.Claim, session: Session, job: Job) -> SessionRunner:
    if session.failed_claims > MAX_FAILED_CLAIMS:
        raise GaitError(f"{MAX_FAILED_CLAIMS} workers in a row claimed the session, and none finished a run.")
    host = settings().ollama_hosts.get(session.host)
    if host is None:
        raise GaitError(f"Host {session.host} is unknown to this worker. Add it to OLLAMA_HOSTS.")
    resumed = session.failed_claims > 1 or session.hardware is not None
    return SessionRunner(
        job.connection,
        claim,
        session,
        host.url,
        resumed,
        lambda: _checkpoint(job.connection, job, claim),
        host.authorization,
    )


def _checkpoint(redis: Redis, job: Job, claim: claims.Claim) -> None:
    """Stop the session here if this worker must not send its next request.

    RQ notes a request to stop in the worker's hash and waits for the job. A worker that was frozen until another took
    over must send nothing more, because the host may be measuring for another session.

    Raises:
        ShutdownRequested: if the worker was asked to stop.
        ClaimLost: if another worker holds the session.
    """
    if redis.hget(f"rq:worker:{job.worker_name}", "shutdown_requested_date"):
        raise ShutdownRequested
    if not claims.holds(claim):
        raise ClaimLost(f"Session {claim.session_id} belongs to another worker.")


def _current_job() -> Job:
    job = get_current_job()
    if job is None:
        raise GaitError("run_session was called outside of a queue's job.")
    return job
