"""OpenAPI links from a session's id in a response to the operations on that session."""

from typing import Any

OPERATIONS = ("readSession", "cancelSession", "deleteSession", "readTelemetry")


def to_session(expression: str) -> dict[str, Any]:
    """Return the links. `expression` finds the session's id at run time, such as `$response.body#/sessionId`."""
    return {name: {"operationId": name, "parameters": {"sessionId": expression}} for name in OPERATIONS}
