"""A worker's right to write to a session, which ends when another worker takes the session up."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from common.errors import ClaimLost
from common.store.database import database
from common.store.tables import Phase, Session, Status
from common.units import now


@dataclass(frozen=True)
class Claim:
    """A worker's right to write to a session, until another worker takes the session up."""

    session_id: str
    token: str


def take(claim: Claim) -> Session | None:
    """Take a session up, whoever held it before. None if it has ended, was cancelled or deleted."""
    running = (Session.id == claim.session_id) & (Session.status == Status.RUNNING)
    values = {"claim": claim.token, "phase": Phase.PREPARING, "failed_claims": Session.failed_claims + 1}
    with database.atomic():
        if not Session.update(**values).where(running).execute():
            return None
        Session.update(started_at=now()).where(running & Session.started_at.is_null()).execute()
    return Session.get_by_id(claim.session_id)


def holds(claim: Claim) -> bool:
    """Whether the claim is the session's, and it runs."""
    return bool(Session.select().where(_mine(claim)).exists())


@contextmanager
def held(claim: Claim) -> Iterator[None]:
    """A transaction that holds only while the claim does.

    Raises:
        ClaimLost: when another worker has the session, or it has ended.
    """
    with database.atomic():
        if not Session.update(phase=Session.phase).where(_mine(claim)).execute():
            raise ClaimLost(f"session {claim.session_id} is no longer this worker's")
        yield


def _mine(claim: Claim) -> Any:  # noqa: ANN401 - peewee's expressions have no type of their own
    return (Session.id == claim.session_id) & (Session.claim == claim.token) & (Session.status == Status.RUNNING)
