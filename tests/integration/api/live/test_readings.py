"""The WebSocket of readings on real gunicorn and Redis."""

import base64
import json
import select
import socket
from datetime import datetime
from itertools import islice
from typing import Any

import pytest
from redis import Redis
from websocket import ABNF, WebSocket, WebSocketBadStatusException

from api.live.readings import ReadingsSubscriber
from api.live.websocket.downsampling import Downsampler
from api.live.websocket.hub import QUEUE_LENGTH, Message
from common.messaging.redis import readings_of
from testbed.frames import Frames
from testbed.servers.api_server import ApiServer
from testbed.stored.readings import publish, reading
from testbed.waiting import until
from tests.integration.api.conftest import HEADER, KEY

QUIET = 10.0
BOTH = ("/ws/hardware", "/api/v1/ws/hardware")


def connect(server: ApiServer, redis: Redis, query: str = "", path: str = "/ws/hardware", **options: Any) -> WebSocket:
    """Return a client that receives readings from now on."""
    ws = server.connect(path + query, header=HEADER, skip_utf8_validation=True, **options)

    def hears() -> bool:
        publish(redis, QUIET, "other", probe=True)
        return has_come(ws)

    until(hears, "a first reading")
    ws.recv()  # it may be the last known reading, which does not prove a subscription
    until(hears, "a live reading")
    return ws


def has_come(ws: WebSocket) -> bool:
    """Return whether there is something to receive after a moment."""
    assert ws.sock is not None
    return bool(select.select([ws.sock], [], [], 0.1)[0])


def listeners(redis: Redis, host: str = "local") -> int:
    return int(redis.pubsub_numsub(readings_of(host))[0][1])


def receive(ws: WebSocket, count: int = 1) -> list[dict[str, Any]]:
    """Return the next messages, without those that probe the subscription."""
    messages = (json.loads(data) for data in iter(lambda: data_of(ws), b""))
    return list(islice((message for message in messages if "probe" not in message), count))


def data_of(ws: WebSocket) -> bytes:
    """Return the next message. Two pings in a row say that none will come, and must not keep the test waiting."""
    for _ in range(2):
        opcode, data = ws.recv_data(control_frame=True)
        if opcode != ABNF.OPCODE_PING:
            return bytes(data)
    pytest.fail("there is no further message")


@pytest.mark.parametrize("path", BOTH)
def test_readings_are_sent_as_they_are_published(server: ApiServer, redis: Redis, path: str) -> None:
    ws = connect(server, redis, path=path)
    published = [publish(redis, percent) for percent in range(200)]
    received = receive(ws, 200)
    assert [message["seq"] for message in received] == published
    assert [message["cpu"]["percent"] for message in received] == list(range(200))
    assert received[7] == {**reading(7), "seq": published[7], "at": received[7]["at"]}


def test_the_first_message_is_the_last_known_reading(server: ApiServer, redis: Redis) -> None:
    publish(redis, 1)
    published = [publish(redis, 2), publish(redis, 3, "other")]
    received = receive(server.connect("/ws/hardware", header=HEADER), 2)
    assert [(message["seq"], message["host"]) for message in received] == list(
        zip(published, ("local", "other"), strict=True)
    )
    for message in received:
        assert datetime.fromisoformat(message["at"]).timestamp() * 1000 == pytest.approx(message["seq"])


def test_one_host_or_all_hosts(server: ApiServer, redis: Redis) -> None:
    everything, one = connect(server, redis), connect(server, redis, "?host=other")
    for percent in range(5):
        publish(redis, percent)
        publish(redis, percent, "other")
    assert [message["host"] for message in receive(everything, 10)] == ["local", "other"] * 5
    assert [message["cpu"]["percent"] for message in receive(one, 5)] == list(range(5))


def test_downsampling_keeps_a_spike(server: ApiServer, redis: Redis) -> None:
    thin, thick = connect(server, redis, "?hz=5"), connect(server, redis)

    def spike_between() -> dict[str, Any] | None:
        """Return the message with the spike, unless it was sent with the spike itself."""
        publish(redis, 99)
        while True:
            publish(redis, QUIET)
            while has_come(thin):
                message: dict[str, Any] = json.loads(thin.recv())
                if message["host"] == "local" and message["max"]["cpu"]["percent"] == 99:
                    return message if message["cpu"]["percent"] == QUIET else None

    message = until(spike_between, "a spike that was not due")
    assert message is not None
    assert message["min"]["cpu"]["percent"] == QUIET
    every = receive(thick, 2)
    assert [one["cpu"]["percent"] for one in every] == [99, QUIET]
    assert "max" not in every[0]


def test_a_client_that_never_reads_loses_only_its_own_messages(server: ApiServer, redis: Redis) -> None:
    stalled = connect(server, redis, sockopt=[(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)])
    reads = connect(server, redis)
    published = []
    for _ in range(9):  # more than the buffers and the queue can hold
        published += [publish(redis, percent, filling="x" * 40_000) for percent in range(50)]
        assert [message["seq"] for message in receive(reads, 50)] == published[-50:]
    late: list[dict[str, Any]] = []
    dropped = 0
    while len(late) + dropped < len(published):
        late += receive(stalled)
        dropped += late[-1].get("dropped", 0)
    assert dropped > 0
    assert late[-1]["seq"] == published[-1]
    received = [message["seq"] for message in late]
    first = next(number for number, message in enumerate(late) if "dropped" in message)
    assert received[:first] == published[:first]
    assert received[first:] == published[first + dropped :]


def test_a_slow_client_learns_of_each_loss_and_stays_connected(server: ApiServer, redis: Redis) -> None:
    slow = connect(server, redis, sockopt=[(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)])
    published: list[int] = []
    received: list[dict[str, Any]] = []
    while sum("dropped" in message for message in received) < 3:
        published += [publish(redis, 1, filling="x" * 40_000) for _ in range(20)]
        received += receive(slow)
    while received[-1]["seq"] != published[-1]:
        received += receive(slow)
    position = 0
    for message in received:
        position += message.get("dropped", 0)
        assert message["seq"] == published[position]
        position += 1
    assert position == len(published)


def test_the_queue_of_a_client_is_bounded(redis: Redis) -> None:
    subscriber = ReadingsSubscriber(redis, ["local"], None)
    for number in range(3 * QUEUE_LENGTH):
        subscriber.offer(Message(number, {"host": "local", "seq": number}))
    frames = Frames()
    sent = [json.loads(text) for frame in iter(subscriber.next_frame, None) for _, text in frames.feed(frame)]
    assert sent[0] == {"host": "local", "seq": 2 * QUEUE_LENGTH, "dropped": 2 * QUEUE_LENGTH}
    assert sent[1:] == [{"host": "local", "seq": number} for number in range(2 * QUEUE_LENGTH + 1, 3 * QUEUE_LENGTH)]


def test_clients_of_one_rate_share_the_messages_of_their_hosts(redis: Redis) -> None:
    downsampler = Downsampler(hz=1)
    one, all_ = (ReadingsSubscriber(redis, hosts, downsampler) for hosts in (["local"], ["local", "other"]))
    readings = [(0, "local", 10), (0, "other", 10), (500, "local", 99), (500, "other", 98), (1000, "local", 20)]
    messages = [Message(seq, {"seq": seq, **reading(percent, host)}) for seq, host, percent in readings]
    assert [(one.offer(message), all_.offer(message)) for message in messages] == [
        (True, True),
        (False, True),
        (False, False),
        (False, False),
        (True, True),
    ]
    of_one, of_all = ([*iter(subscriber.next_frame, None)] for subscriber in (one, all_))
    assert len(of_one) == 2
    assert of_one == [of_all[0], of_all[2]]
    assert of_one[1] is of_all[2]


def test_the_hub_listens_to_redis_while_it_has_subscribers(server: ApiServer, redis: Redis) -> None:
    sockets = [connect(server, redis) for _ in range(3)]
    assert (listeners(redis), listeners(redis, "other")) == (1, 1)
    for ws in sockets:
        ws.close()
    until(lambda: not listeners(redis), "an end of the subscription")
    ws = connect(server, redis)
    published = publish(redis, 1)
    assert receive(ws)[0]["seq"] == published


def test_a_lost_subscription_is_renewed_and_loses_nothing(server: ApiServer, redis: Redis) -> None:
    readers = [connect(server, redis) for _ in range(2)]
    published = [publish(redis, 0)]
    for _ in range(3):
        assert redis.client_kill_filter(_type="pubsub") == 1
        published += [publish(redis, percent) for percent in range(20)]
        until(lambda: listeners(redis), "a new subscription")
        published += [publish(redis, percent) for percent in range(20)]
    for ws in readers:
        assert [message["seq"] for message in receive(ws, len(published))] == published


@pytest.mark.parametrize("path", BOTH)
@pytest.mark.parametrize(
    ("query", "header", "status", "message_text"),
    [
        ("", {}, 401, "X-API-Key"),
        ("", {"X-API-Key": "wrong"}, 401, "X-API-Key"),
        (f"?X-API-Key={KEY.replace(' ', '%20')}", {}, 401, "X-API-Key"),
        ("?host=nowhere", HEADER, 422, "local, other"),
        ("?hz=0", HEADER, 422, "hz"),
        ("?hz=101", HEADER, 422, "hz"),
        ("?hz=nan", HEADER, 422, "hz"),
        ("?hz=fast", HEADER, 422, "hz"),
        ("?rate=1", HEADER, 422, "Known are host, hz."),
    ],
)
def test_wrong_requests_are_refused_before_the_upgrade(  # noqa: PLR0913, PLR0917 - a table's columns
    server: ApiServer, path: str, query: str, header: dict[str, str], status: int, message_text: str
) -> None:
    with pytest.raises(WebSocketBadStatusException) as refused:
        server.connect(path + query, header=header)
    assert refused.value.status_code == status
    assert message_text in (refused.value.resp_body or b"").decode()


def test_a_browser_sends_its_key_as_a_subprotocol(server: ApiServer, redis: Redis) -> None:
    coded = base64.urlsafe_b64encode(KEY.encode()).decode().rstrip("=")
    published = publish(redis, 1)
    ws = server.connect("/ws/hardware", subprotocols=["gait", f"gait.key.{coded}"])
    assert receive(ws)[0]["seq"] == published
    with pytest.raises(WebSocketBadStatusException):
        server.connect("/ws/hardware", subprotocols=["gait", "gait.key.d3Jvbmc"])
