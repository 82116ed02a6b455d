"""Claims: the right of a worker to write to a session."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from peewee import Case

from common.errors import ClaimLost
from common.store.database import database
from common.store.tables import Phase, Session, Status
from common.values.units import now


@dataclass(frozen=True)
class Claim:
    """The right of one worker to write to a session. It ends when another worker claims the session."""

    session_id: str
    token: str


def take(claim: Claim) -> Session | None:
    """Claim a session, even if another worker holds it. Return None if it has ended or was deleted."""
    running = (Session.id == claim.session_id) & (Session.status == Status.RUNNING)
    values = {"claim": claim.token, "phase": Phase.PREPARING, "failed_claims": Session.failed_claims + 1}
    with database.atomic():
        if not Session.update(**values).where(running).execute():
            return None
        Session.update(started_at=now()).where(running & Session.started_at.is_null()).execute()
    return Session.get_by_id(claim.session_id)


def holds(claim: Claim) -> bool:
    """Return whether the session is running under this claim."""
    return bool(Session.select().where(_mine(claim)).exists())


def excuse(claim: Claim) -> None:
    """Do not count this claim as failed, because it ended while the database was unavailable.

    The session is written to even if the claim was not stored, so that this fails as long as writes fail.
    """
    mine = Case(None, [(Session.claim == claim.token, 1)], 0)
    Session.update(failed_claims=Session.failed_claims - mine).where(Session.id == claim.session_id).execute()


@contextmanager
def held(claim: Claim) -> Iterator[None]:
    """Open a transaction under a claim.

    Raises:
        ClaimLost: if another worker has claimed the session, or if it has ended.
    """
    with database.atomic():
        if not Session.update(phase=Session.phase).where(_mine(claim)).execute():
            raise ClaimLost(f"Session {claim.session_id} is no longer claimed by this worker.")
        yield


def _mine(claim: Claim) -> Any:  # noqa: ANN401 - peewee's expressions have no type of their own
    return (Session.id == claim.session_id) & (Session.claim == claim.token) & (Session.status == Status.RUNNING)
