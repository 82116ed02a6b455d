"""Where an answer leads: OpenAPI's links from an id to what can be done with the session."""

from typing import Any

OPERATIONS = ("sessions.read", "sessions.cancel", "sessions.delete", "telemetry.read")


def to_session(where: str) -> dict[str, Any]:
    """`where` is a runtime expression that finds the session's id, such as `$response.body#/sessionId`."""
    return {name: {"operationId": name, "parameters": {"session_id": where}} for name in OPERATIONS}
