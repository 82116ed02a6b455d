"""Sessions that have ended and are to go on with the tests that failed."""

from common.errors import Conflict
from common.store.changes import edits
from common.store.database import database
from common.store.tables import Phase, Session, Status, Test


def reopen(session_id: str) -> int:
    """Let a session go on with its failed tests, and return their number. Counted runs and completed tests stay.

    It waits then, as one whose worker has died: a worker continues each of these tests at the first missing run.

    Raises:
        Conflict: if the session does not exist, or cannot go on.
    """
    with database.atomic():
        _check(session_id, edits.locked(session_id))
        failed = (Test.session == session_id) & (Test.status == Status.ERROR)
        tests = Test.update(**_waiting()).where(failed).execute()
        if not tests:
            raise Conflict(f"No test of session {session_id} has failed, so there is nothing to measure again.")
        Session.update(**_waiting(), claim=None, failed_claims=0, unevaluated=True).where(
            Session.id == session_id
        ).execute()
        edits.count(deletions=1)  # totals count on the states of ended sessions
    return int(tests)


def _waiting() -> dict[str, object]:
    return {"status": Status.RUNNING, "phase": Phase.QUEUED, "message": None, "finished_at": None}


def _check(session_id: str, session: Session | None) -> None:
    if session is None:
        raise Conflict(f"There is no session {session_id}. gait list shows all.")
    if session.status == Status.RUNNING:
        raise Conflict(f"Session {session_id} has not ended. Without its id, requeue puts back what is lost.")
    if session.phase == Phase.CANCELLED:
        raise Conflict(f"Session {session_id} was cancelled by somebody. Submit it again instead.")
    if session.pruned_at:
        raise Conflict(f"The runs of session {session_id} were deleted, because it is old. Submit it again instead.")
