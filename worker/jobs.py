"""The job of the queue: run a session, or what is left of it."""

import time
from contextlib import suppress
from uuid import uuid4

import structlog
from redis import Redis
from rq import Retry, get_current_job
from rq.job import Job

from common.environment.settings import settings
from common.errors import ClaimLost, GaitError, ShutdownRequested, Unavailable
from common.messaging.jobs.queue import MAX_RESTARTS
from common.ollama.client import Ollama
from common.process.failures import describe, with_cause
from common.store.changes import claims
from common.store.database import checkpoint, database, initialise, optimise
from common.store.reads import sessions
from common.store.tables import Session
from worker.ollama.client import Driver
from worker.procedure.progress import publish_last_end
from worker.sessions.host_memory import HostMemory
from worker.sessions.interruptions import INTERRUPTIONS
from worker.sessions.runner import SessionRunner, give_up

logger = structlog.get_logger(__name__)

MAX_FAILED_CLAIMS = 10
"""Claims in a row that may finish no run before the session is failed."""
PAUSE_S = 2
"""Pause between two attempts to write while the database is unavailable, and before RQ restarts a job that failed."""


def run_session(session_id: str) -> Retry | None:
    """Run a session, or what is left of it.

    Returns:
        A Retry if the session has not ended, because the worker stops or the database was unavailable. RQ then queues
        the job again, and the session continues at the first missing run.
    """
    initialise(settings().database_url)
    claim, job = claims.Claim(session_id, str(uuid4())), _current_job()
    try:
        with database.connection_context():
            _run(claim, job)
            optimise()
            checkpoint()
    except ClaimLost as lost:
        logger.warning("another worker took over the session", reason=str(lost))
        return None
    except ShutdownRequested:
        pass
    except Unavailable as error:
        logger.warning("waiting for the database", reason=with_cause(error), session=session_id)
        _wait_for_database(claim, job)
    except Exception as error:  # noqa: BLE001 - RQ logs and stores messages, which may quote data
        time.sleep(PAUSE_S)  # RQ starts the job again at once
        raise Unavailable(describe(error)) from None
    else:
        return None
    return Retry(max=MAX_RESTARTS, interval=0, enqueue_at_front=True)


def after_cancellation(job: Job, redis: Redis) -> None:
    """Ask the server to unload what a cancelled session has loaded. RQ calls this in the worker itself."""
    with database.connection_context():
        session = sessions.session_alone(job.id)
    host = settings().ollama_hosts.get(session.host) if session else None
    if session and host:
        HostMemory(redis, session.host, Driver(Ollama.at(host))).request_unloads()


def _wait_for_database(claim: claims.Claim, job: Job) -> None:
    """Wait until the session can be written to, or until this worker was asked to stop."""
    while not _is_asked_to_stop(job):
        with suppress(Unavailable), database.connection_context():
            claims.excuse(claim)
            return
        time.sleep(PAUSE_S)


def _run(claim: claims.Claim, job: Job) -> None:
    session = claims.take(claim)
    if session is None:
        logger.info("the session has already ended", session=claim.session_id)
        publish_last_end(job.connection, claim.session_id)
        return
    try:
        _runner(claim, session, job).run()
    except INTERRUPTIONS:
        raise
    except GaitError as error:
        give_up(job.connection, claim, str(error))
    except Exception as error:  # otherwise RQ would start the session again, and meet the error again
        logger.exception("the session failed", session=claim.session_id)
        give_up(job.connection, claim, f"The worker failed: {describe(error)}. Its log has the stack trace.")


def _runner(claim: claims.Claim, session: Session, job: Job) -> SessionRunner:
    if session.failed_claims > MAX_FAILED_CLAIMS:
        raise GaitError(f"{MAX_FAILED_CLAIMS} workers in a row claimed the session, and none finished a run.")
    host = settings().ollama_hosts.get(session.host)
    if host is None:
        raise GaitError(f"Host {session.host} is unknown to this worker. Add it to OLLAMA_HOSTS.")
    resumed = session.failed_claims > 1 or sessions.has_begun(session.id)
    return SessionRunner(
        job.connection, claim, session, host.url, resumed, lambda: _checkpoint(job, claim), host.authorization
    )


def _checkpoint(job: Job, claim: claims.Claim) -> None:
    """Stop the session here if this worker must not send its next request.

    A worker that was frozen until another took over must send nothing more, because the host may be measuring for
    another session.

    Raises:
        ShutdownRequested: if the worker was asked to stop.
        ClaimLost: if another worker holds the session.
    """
    if _is_asked_to_stop(job):
        raise ShutdownRequested
    if not claims.holds(claim):
        raise ClaimLost(f"Session {claim.session_id} belongs to another worker.")


def _is_asked_to_stop(job: Job) -> bool:
    """Return whether RQ has noted a request to stop in the worker's hash. It then waits for the job to end."""
    return bool(job.connection.hget(f"rq:worker:{job.worker_name}", "shutdown_requested_date"))


def _current_job() -> Job:
    job = get_current_job()
    if job is None:
        raise GaitError("run_session was called outside of a queue's job.")
    return job
