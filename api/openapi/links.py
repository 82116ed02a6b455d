"""Where a response leads: OpenAPI links from a session's id to the operations on it, and the header Location."""

from typing import Any

OPERATIONS = ("readSession", "cancelSession", "deleteSession", "readTelemetry")


def to_session(expression: str) -> dict[str, Any]:
    """Return the links. `expression` finds the session's id at run time, such as `$response.body#/sessionId`."""
    return {name: {"operationId": name, "parameters": {"sessionId": expression}} for name in OPERATIONS}


def location(what: str) -> dict[str, Any]:
    """Return the headers of a response with the URL of what was created, such as `the session`."""
    return {"Location": {"schema": {"type": "string"}, "description": f"URL of {what}."}}
