"""`/test-sessions`: submit, list, read, change, cancel and delete."""

from collections import defaultdict
from functools import partial
from http import HTTPStatus
from uuid import UUID

from flask import url_for

from api.http.access.auth import owner
from api.http.request_log import note_sessions
from api.http.responses.errors import or_404, refuse
from api.openapi.links import location, to_session
from api.openapi.resource import Resource
from api.routes import unreadable
from api.routes.sessions import session_json
from api.routes.sessions.session_machines import Machines
from api.schemas.sessions.sessions import (
    Accepted,
    PatchedSession,
    SessionDetail,
    SessionList,
    SessionPatch,
    SessionQuery,
)
from api.schemas.sessions.submission import Idempotency, NewSession, Submitted
from api.submission.cancellation import cancel_session
from api.submission.queue_status import queue_status
from api.submission.submit import Submission, Submitter, submit
from common.store.changes import edits, writes
from common.store.reads import sessions as stored_sessions
from common.store.reads.lists import sessions as lists
from common.store.reads.lists.headlines import CompletedTest, completed_tests
from common.store.reads.states import State
from common.store.tables import Session, Status
from common.values.free_json import Json

resource = Resource("sessions", __name__, description="Benchmark sessions.")


@resource.operation(
    "POST",
    "/test-sessions",
    name="submitSession",
    answer=(202, Submitted),
    headers=Idempotency,
    body=NewSession,
    failures=(HTTPStatus.CONFLICT,),
    answer_headers=location("the first session"),
    links=to_session("$response.body#/sessionId"),
)
def create(headers: Json, body: Json) -> tuple[Json, int, dict[str, str]]:
    """Submit a session that runs each test type with each model.

    It runs on one host, or on each of all hosts if `host` is `all`. The answer comes before the session starts. A
    client that repeats its request with the same Idempotency-Key gets the same session.
    """
    return accepted(submit(body, Submitter(owner(), headers["key"])))


def accepted(submission: Submission) -> tuple[Json, int, dict[str, str]]:
    """Return the answer to a submission, with its status and its headers."""
    sessions, problem = submission
    note_sessions(session.id for session in sessions)
    first = sessions[0]
    answer = {
        "session_id": first.id,
        "status": "started",
        "message": queue_status(sessions, problem),
        "sessions": [{"session_id": session.id, "host": session.host} for session in sessions],
        "group": first.group,
    }
    return answer, 202, {"Location": url_for("sessions.read", session_id=first.id)}


@resource.operation(
    "GET",
    "/test-sessions",
    name="listSessions",
    answer=(200, SessionList),
    query=SessionQuery,
    links=to_session("$response.body#/sessions/0/id"),
)
def listing(query: Json) -> Json:
    """List sessions, newest first.

    `results` are headline metrics: numbers by name, `headline` and `finding`. `GET /test-sessions/{id}` has the rest.
    Filters can be combined. Without filters, all sessions are listed, page by page.
    """
    page, limit = query["page"], query["limit"]
    wanted = lists.SessionFilter(
        search=query.get("search"),
        tags=query["tags"],
        host=query.get("host"),
        states=[State(name) for name in query["status"]],
        pinned=query.get("pinned"),
        **{name: str(query[name]) for name in ("group", "schedule", "series") if name in query},
    )
    sessions, total = lists.sessions(wanted, page, limit)
    completed: defaultdict[str, list[CompletedTest]] = defaultdict(list)
    for test in completed_tests(session.id for session in sessions) if query["results"] else ():
        completed[test.session].append(test)
    found = list(
        unreadable.each(
            sessions, partial(session_json.summary, completed=completed, machines=Machines()), session_json.mark
        )
    )
    return {"sessions": found, "total": total, "page": page, "limit": limit}


@resource.operation(
    "GET",
    "/test-sessions/<uuid:session_id>",
    name="readSession",
    answer=(200, SessionDetail),
    failures=(HTTPStatus.NOT_FOUND,),
    links=to_session("$response.body#/id"),
)
def read(session_id: UUID) -> Json:
    """Return a session with its tests, their metrics and their logs.

    The session may still be running.
    """
    return unreadable.one(or_404(stored_sessions.session(str(session_id)), session_id), session_json.whole)


@resource.operation(
    "PATCH",
    "/test-sessions/<uuid:session_id>",
    name="patchSession",
    answer=(200, PatchedSession),
    body=SessionPatch,
    failures=(HTTPStatus.NOT_FOUND,),
    links=to_session("$response.body#/id"),
)
def patch(body: Json, session_id: UUID) -> Json:
    """Change the name, the tags, the note or the pin of a session, also while it waits or runs.

    Searches find it by the new ones at once. The same request again changes nothing more.
    """
    session = or_404(edits.edit(str(session_id), body), session_id)
    return unreadable.one(session, partial(session_json.summary, completed={}, machines=Machines()))


@resource.operation(
    "POST",
    "/test-sessions/<uuid:session_id>/cancel",
    name="cancelSession",
    answer=(202, Accepted),
    failures=(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
    links=to_session("$response.body#/sessionId"),
)
def cancel(session_id: UUID) -> Json:
    """Cancel a session that is waiting or running.

    Its results so far are kept. The answer is 409 if it has already ended.
    """
    session = _outline(session_id)
    if not cancel_session(session):
        refuse(HTTPStatus.CONFLICT, f"The session has already ended with status {_outline(session_id).status}.")
    return {"session_id": session.id, "status": Status.ERROR, "message": "cancelled by request"}


@resource.operation(
    "DELETE",
    "/test-sessions/<uuid:session_id>",
    name="deleteSession",
    answer=(204, None),
    returns="The session and its results are deleted.",
    failures=(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
)
def delete(session_id: UUID) -> None:
    """Delete a session that has ended, with all its results.

    The answer is 409 if it is running. Cancel it first.
    """
    session = _outline(session_id)
    if session.status == Status.RUNNING:
        refuse(HTTPStatus.CONFLICT, "The session is running. Cancel it first.")
    writes.delete_session(session.id)


def _outline(session_id: UUID) -> Session:
    """Return the columns of a session that cancelling and deleting need."""
    return or_404(stored_sessions.session_outline(str(session_id)), session_id)
