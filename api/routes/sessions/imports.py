"""`POST /test-sessions/import`: a session that another Gait measured and exported."""

import time
from http import HTTPStatus
from typing import BinaryIO

from flask import Response, jsonify, url_for

from api.formats.documents import storing
from api.formats.documents.checks import document
from api.formats.documents.checks.declared_types import Fault
from api.formats.documents.checks.document import MEMBERS, Outline
from api.formats.documents.json_schema import document_schema
from api.formats.documents.shapes import LISTS, PARTS
from api.http.access.auth import owner
from api.http.request_log import note_sessions
from api.http.requests.uploads import uploaded_json
from api.http.responses.errors import refuse, refuse_fields
from api.http.settings import settings
from api.openapi.links import location, to_session
from api.openapi.resource import Resource
from api.schemas.sessions.imports import Imported
from common.store.changes import imports
from common.store.reads import whole_session
from common.values.free_json import Json

SCHEMA_NAME = "session-1.json"
MEGABYTE = 1_000_000
UPLOAD: Json = {
    "type": "object",
    "required": list(MEMBERS),
    "properties": {
        "schema": {"type": "string", "description": "Version of the document."},
        **{part: {"description": f"See `{part}` in the schema."} for part in (*PARTS, *LISTS)},
    },
    "description": f"A session document, as described by GET /api/v1/schemas/{SCHEMA_NAME}.",
}

resource = Resource("imports", __name__, description="Sessions of other Gaits.")


@resource.operation(
    "POST",
    "/test-sessions/import",
    name="importSession",
    answer=(201, Imported),
    upload={"application/json": UPLOAD},
    failures=(HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY),
    answer_headers=location("the session"),
    links=to_session("$response.body#/sessionId"),
)
def import_session() -> tuple[Json, int, dict[str, str]]:
    """Import a session that `GET /test-sessions/{id}/export?format=document` returned, of this or of another Gait.

    It keeps its id and all its data, and is marked as imported. Nothing is stored unless the whole document is valid.
    The answer is 409 if the session is already here. A document may have as many megabytes as MAX_IMPORT_MB says.
    """
    with uploaded_json(settings().max_import_mb * MEGABYTE) as file:
        read = _checked(file)
        for _ in storing.restore(file, read, owner()):
            time.sleep(0)  # lets other requests proceed
    session_id = read.session["id"] if read.session else ""
    note_sessions([session_id])
    answer = {"session_id": session_id, "status": "imported", "message": "The session was imported."}
    return answer, HTTPStatus.CREATED, {"Location": url_for("sessions.read", session_id=session_id)}


def _checked(file: BinaryIO) -> Outline:
    """Return the outline of a valid document, or end the request with 422 or 409."""
    read = Outline()
    try:
        for read in document.outline(file):  # noqa: B007 - the last one is complete
            time.sleep(0)  # lets other requests proceed
    except Fault as fault:
        refuse_fields({fault.path or "document": [f"{fault.problem}."]})
    if read.session and whole_session.session(read.session["id"]):
        refuse(HTTPStatus.CONFLICT, imports.already_here(read.session["id"]))
    return read


@resource.operation(
    "GET",
    f"/schemas/{SCHEMA_NAME}",
    name="readSessionSchema",
    answer=(200, None),
    returns="The JSON Schema.",
    content={"application/schema+json": {"type": "object", "additionalProperties": {}}},
)
def schema() -> Response:
    """Return the JSON Schema of the session document, version 1.

    It stays at this URL. A later version of the document has another.
    """
    answer = jsonify(document_schema())
    answer.content_type = "application/schema+json"
    return answer
