"""The progress messages of a session until it ends: from its WebSocket, or by polling where that is blocked."""

import time
from collections.abc import Iterator

from cli.errors import ServerUnavailable
from cli.progress.channel import LOST, received
from cli.progress.ctrl_c import Wait, wait_readable
from cli.server.client import Client
from common.values.free_json import Json

POLL_S = 2.0
POLLS = 5
"""How often the session is polled before the WebSocket is tried again."""
TIMEOUT_S = 600
"""How long the server may be away while a session is watched, which goes on without it."""

RUNNING = "running"


def messages(client: Client, session_id: str, wait: Wait = wait_readable) -> Iterator[Json]:
    """Yield messages as docs/watching.md describes them until the session has ended.

    `wait` is called about once a second while there are none. Those made up from polling have no `seq`.

    Raises:
        Refused: if there is no such session, or it is deleted.
        ServerUnavailable: if the server is away for TIMEOUT_S.
    """
    last, polled = None, _Polled(client, session_id, wait)
    while True:
        try:
            for message in received(client, session_id, last, wait):
                last = message["seq"]
                yield message
                if message["session"]["status"] != RUNNING:
                    return
        except LOST:
            pass
        for _ in range(1 if last else POLLS):
            yield from polled.changes()
            if polled.ended:
                return
            _pause(POLL_S, wait)


class _Polled:
    """The state of a session, read from time to time."""

    def __init__(self, client: Client, session_id: str, wait: Wait) -> None:
        self._client, self._id, self._wait = client, session_id, wait
        self._seen: dict[tuple[str, str], Json] = {}
        self.ended = False

    def changes(self) -> Iterator[Json]:
        """Yield a message for each test that has changed, and one on the session if it has ended."""
        session = self._read()
        self.ended = session["status"] != RUNNING
        overall = {"status": session["status"], "progress": self._progress(session)}
        for model in session["models"]:
            for test in model["tests"]:
                message = _of_test(model["name"], test) | {"sessionId": self._id}
                key = (model["name"], test["type"])
                if self._seen.get(key) != message:
                    self._seen[key] = message
                    yield message | {"session": {**overall, "status": RUNNING}}
        yield _of_session(session) | {"sessionId": self._id, "session": overall}

    def _read(self) -> Json:
        deadline = time.monotonic() + TIMEOUT_S
        while True:
            try:
                return self._client.session(self._id)
            except ServerUnavailable:
                if time.monotonic() > deadline:
                    raise
                _pause(POLL_S, self._wait)

    def _progress(self, session: Json) -> float | None:
        """Return the session's progress in percent, which its host knows."""
        if session["status"] != RUNNING:
            return 100.0
        hosts = self._client.get("/hosts")["hosts"]
        running = [host["session"] for host in hosts if (host["session"] or {}).get("id") == self._id]
        return running[0]["sessionProgress"] if running else None


def _of_test(model: str, test: Json) -> Json:
    """Return a message on the state of a test. How far a running test is remains unknown."""
    kind = "progress" if test["status"] == RUNNING else "complete" if test["status"] == "completed" else "error"
    message = {"type": kind, "modelName": model, "testType": test["type"], "phase": test["phase"]}
    message["progress"] = None if kind == "progress" else 100.0
    if kind == "complete":
        message["metrics"] = test["metrics"]
    if kind == "error":
        message["error"] = test["message"]
    return message


def _of_session(session: Json) -> Json:
    kinds = {RUNNING: "progress", "completed": "complete"}
    return {
        "type": kinds.get(session["status"], "error"),
        "modelName": "",
        "testType": "",
        "phase": session["phase"],
        "progress": None,
        "message": session["message"],
    }


def _pause(seconds: float, wait: Wait) -> None:
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        wait(min(1.0, left))
