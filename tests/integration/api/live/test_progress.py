"""The WebSocket of progress on real gunicorn and Redis, with the tests that apply to both WebSockets."""

import base64
import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from websocket import ABNF, WebSocket, WebSocketBadStatusException, WebSocketConnectionClosedException

from common.messaging import events
from common.messaging.events import client_message
from common.messaging.redis import PROGRESS, progress_of
from common.store.database import database, initialise
from common.store.reads.sessions import SessionState
from common.store.tables import Session
from testbed.servers.api_server import ApiServer
from testbed.waiting import until
from tests.integration.api.conftest import HEADER, KEY
from tests.support.stored.sessions import finished, queued

BOTH = ("/ws/test-progress", "/api/v1/ws/test-progress")
STATE = SessionState("running", 0.0, 0, 1)
ENDED = SessionState("completed", 100.0, 1, 1)


@pytest.fixture
def session_id(server: ApiServer, folder: Path) -> Iterator[str]:
    """Create a session in the server's database."""
    assert server.process.poll() is None
    initialise(f"sqlite:///{folder}/gait.db")
    yield queued().id
    database.close()


def publish(redis: Redis, count: int, session_id: str = "one", size: int = 0, state: SessionState = STATE) -> list[int]:
    """Publish messages and return their numbers."""
    metrics = {"filling": "x" * size} if size else None
    event = events.Event("progress", session_id, state, "measuring", "tiny:latest", "decode", metrics=metrics)
    return [events.publish(redis, event) for _ in range(count)]


def receive(ws: WebSocket, count: int) -> list[dict[str, Any]]:
    return [json.loads(ws.recv()) for _ in range(count)]


def numbers(messages: list[dict[str, Any]]) -> list[int]:
    return [message["seq"] for message in messages]


@pytest.mark.parametrize("path", BOTH)
def test_live_and_late_clients_get_the_same_messages_in_order(server: ApiServer, redis: Redis, path: str) -> None:
    early = server.connect(path, header=HEADER)
    published = publish(redis, 300)
    received = receive(early, 300)
    assert numbers(received) == published
    assert received[0].keys() == {
        "seq",
        "at",
        "type",
        "sessionId",
        "modelName",
        "testType",
        "progress",
        "phase",
        "point",
        "repetition",
        "session",
    }
    late = server.connect(f"{path}?after=0", header=HEADER)
    assert receive(late, 300) == received
    resumed = server.connect(f"{path}?after={published[249]}", header=HEADER)
    assert receive(resumed, 50) == received[250:]
    ahead = server.connect(f"{path}?after={published[-1] + 10**12}", header=HEADER)  # as if Redis was emptied
    more = publish(redis, 10)
    for ws in (early, late, resumed, ahead):
        assert numbers(receive(ws, 10)) == more


def test_a_client_without_a_last_message_gets_what_runs_and_what_comes(
    server: ApiServer, redis: Redis, session_id: str
) -> None:
    other = queued().id
    kept = [seq for _ in range(3) for seq in (*publish(redis, 1, session_id), *publish(redis, 1, other))]
    publish(redis, 1200, finished().id)
    kept += publish(redis, 600, session_id)
    ws = server.connect(header=HEADER)
    kept += publish(redis, 3, "of a session that begins")
    assert numbers(receive(ws, len(kept))) == kept


def test_a_session_that_ended_long_ago(server: ApiServer, redis: Redis, session_id: str) -> None:
    ended = finished()
    Session.update(status="error", message="2 of 2 tests failed").where(Session.id == session_id).execute()
    assert not redis.exists(progress_of(ended.id))
    for followed, type_, error in ((ended.id, "complete", None), (session_id, "error", "2 of 2 tests failed")):
        ws = server.connect(f"/ws/test-progress?sessionId={followed.upper()}", header=HEADER)
        [message] = receive(ws, 1)
        assert (message["type"], message.get("error"), message["sessionId"]) == (type_, error, followed)
        assert (message["modelName"], message["testType"], message["progress"]) == ("", "", 100)
        assert message["session"]["status"] != "running"
        assert f"GET /api/v1/test-sessions/{followed} returns its results" in message["message"]
        assert closed(ws) == (1000, "The session has ended.")


def test_the_socket_of_a_session_closes_with_its_end(server: ApiServer, redis: Redis, session_id: str) -> None:
    running = server.connect(f"/ws/test-progress?sessionId={session_id}", header=HEADER)
    everything = server.connect("/ws/test-progress?after=0", header=HEADER)
    [*_, before, last] = publish(redis, 3, session_id) + publish(redis, 1, session_id, state=ENDED)
    assert numbers(receive(running, 4))[-1] == last
    assert closed(running) == (1000, "The session has ended.")
    Session.update(status="completed").where(Session.id == session_id).execute()
    for after, count in ((before, 1), (last, 0)):
        late = server.connect(f"/ws/test-progress?sessionId={session_id}&after={after}", header=HEADER)
        assert numbers(receive(late, count)) == [last][:count]
        assert closed(late) == (1000, "The session has ended.")
    after_end = publish(redis, 1)
    assert numbers(receive(everything, 5))[4:] == after_end


def closed(ws: WebSocket) -> tuple[int, str]:
    """Return the code and the reason of the close frame, which must be the next frame."""
    opcode, data = ws.recv_data()
    assert opcode == ABNF.OPCODE_CLOSE
    return int.from_bytes(data[:2], "big"), data[2:].decode()


def test_messages_of_an_earlier_release_have_names_too() -> None:
    message = client_message((1, {"type": "progress", "modelName": None, "testType": None}))
    assert (message["modelName"], message["testType"]) == ("", "")


def test_one_session(server: ApiServer, redis: Redis, session_id: str) -> None:
    before = publish(redis, 3, session_id)
    publish(redis, 3, "another")
    with_id = server.connect(f"/ws/test-progress?sessionId={session_id}", header=HEADER)
    publish(redis, 3, "another")
    after = publish(redis, 3, session_id)
    received = receive(with_id, 6)
    assert numbers(received) == before + after
    assert {message["sessionId"] for message in received} == {session_id}


def test_messages_during_the_backlog(server: ApiServer, redis: Redis) -> None:
    published = publish(redis, 1200)
    ws = server.connect("/ws/test-progress?after=0", header=HEADER)
    with ThreadPoolExecutor(1) as other:
        meanwhile = other.submit(publish, redis, 600)
        received = receive(ws, 1800)
    assert numbers(received) == published + meanwhile.result()


def test_a_lost_subscription_loses_nothing(server: ApiServer, redis: Redis) -> None:
    ws = server.connect(header=HEADER)
    published = publish(redis, 2)
    assert numbers(receive(ws, 2)) == published
    until(lambda: redis.pubsub_numsub(PROGRESS)[0][1], "a subscription")
    assert redis.client_kill_filter(_type="pubsub") == 1
    backlog = publish(redis, 3)
    assert numbers(receive(ws, 3)) == backlog
    until(lambda: redis.pubsub_numsub(PROGRESS)[0][1], "a new subscription")
    assert numbers([receive(ws, 1)[0] for _ in publish(redis, 1)])[0] > backlog[-1]


@pytest.mark.slow
def test_a_client_that_stalls_disturbs_no_other_and_loses_nothing(server: ApiServer, redis: Redis) -> None:
    reading = server.connect(header=HEADER)
    first = publish(redis, 1)
    assert numbers(receive(reading, 1)) == first
    published, stalled = list[int](), SlowReader(server, first[0])
    for _ in range(60):  # more than the buffers and the queue can hold
        published += publish(redis, 5, size=12_000)
        assert numbers(receive(reading, 5)) == published[-5:]
        stalled.read()
    for _ in range(240):
        stalled.read()
    assert stalled.numbers == published


class SlowReader:
    """A client with a small buffer, which reads the messages after a number one by one.

    A client that has read nothing for some seconds is disconnected, as on a busy machine. It connects again.
    """

    def __init__(self, server: ApiServer, after: int) -> None:
        self.numbers: list[int] = []
        self._server = server
        self._after = after
        self._connect()

    def read(self) -> None:
        try:
            self.numbers += numbers(receive(self._socket, 1))
        except (OSError, WebSocketConnectionClosedException):
            self._connect()
            self.read()

    def _connect(self) -> None:
        last = self.numbers[-1] if self.numbers else self._after
        small = [(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)]
        self._socket = self._server.connect(f"/ws/test-progress?after={last}", header=HEADER, sockopt=small)


@pytest.mark.parametrize("path", BOTH)
@pytest.mark.parametrize(
    ("query", "header", "status"),
    [
        ("", {}, 401),
        ("", {"X-API-Key": "wrong"}, 401),
        (f"?X-API-Key={KEY.replace(' ', '%20')}", {}, 401),
        ("?after=-1", HEADER, 422),
        ("?after=soon", HEADER, 422),
        ("?session=x", HEADER, 422),
        ("?sessionId=01a209d2-d221-741c-84d0-38c0f996e1b8", HEADER, 404),
        ("?sessionId=no-uuid", HEADER, 404),
    ],
)
def test_wrong_requests_are_refused_before_the_upgrade(
    server: ApiServer, path: str, query: str, header: dict[str, str], status: int
) -> None:
    with pytest.raises(WebSocketBadStatusException) as refused:
        server.connect(path + query, header=header)
    assert refused.value.status_code == status
    body = json.loads(refused.value.resp_body or b"")
    assert body["status"] == status
    assert body["message"]


def test_a_browser_sends_its_key_as_a_subprotocol(server: ApiServer, redis: Redis) -> None:
    coded = base64.urlsafe_b64encode(KEY.encode()).decode().rstrip("=")
    ws = server.connect(subprotocols=["gait", f"gait.key.{coded}"])
    assert ws.getsubprotocol() == "gait"
    published = publish(redis, 1)
    assert numbers(receive(ws, 1)) == published
    with pytest.raises(WebSocketBadStatusException):
        server.connect(subprotocols=["gait", "gait.key.d3Jvbmc"])
    assert coded not in server.log.read_text()


def test_messages_are_not_compressed(server: ApiServer) -> None:
    ws = server.connect(header=HEADER | {"Sec-WebSocket-Extensions": "permessage-deflate"})
    assert "sec-websocket-extensions" not in (ws.getheaders() or {})


def test_messages_of_clients_are_ignored_and_limited(server: ApiServer, redis: Redis) -> None:
    talking = server.connect(header=HEADER)
    for _ in range(50):
        talking.send("hello")
    published = publish(redis, 1)
    assert numbers(receive(talking, 1)) == published
    talking.send("x" * 5000)
    assert talking.recv_data()[0] == 8  # a close frame


def test_a_plain_request_is_refused_with_advice(server: ApiServer) -> None:
    answer = server.get("/ws/test-progress", headers=HEADER)
    assert answer.status_code == 426
    assert answer.headers["Upgrade"] == "websocket"
    assert "A proxy in between must pass on the headers Upgrade and Connection" in answer.json()["message"]
    assert answer.json()["details"] == {"host": server.address}


def test_clients_that_leave_are_removed(server: ApiServer) -> None:
    [worker] = server.workers
    sockets = [server.connect(header=HEADER) for _ in range(20)]
    for ws in sockets[:10]:
        ws.close()
    for ws in sockets[10:]:
        ws.shutdown()  # type: ignore[no-untyped-call] # without a close frame
    port = int(server.address.split(":")[1])
    until(lambda: {c.status for c in worker.net_connections() if c.laddr.port == port} == {"LISTEN"}, "closed sockets")
