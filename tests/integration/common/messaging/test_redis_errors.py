"""Clients of a Redis that cannot be used: which errors are waited for, and what is said about them."""

import contextlib
import logging
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest
from redis import Redis
from redis.exceptions import RedisError, ResponseError, WatchError

from common.messaging import streams
from common.messaging.redis import check_writable, connect
from common.messaging.redis_errors import (
    LASTING,
    NO_RESPONSE,
    NOT_REDIS,
    PASSING,
    UNTRUSTED,
    RedisRefused,
    RedisUnavailable,
    diagnose,
)
from testbed.servers.certificate import CERTIFICATE
from testbed.servers.redis_states import STATES
from testbed.waiting import until

READABLE = {"MISCONF", "READONLY", "OOM", "NOREPLICAS"}
"""States in which Redis answers reads."""


@pytest.fixture
def client(redis: Redis, redis_url: str) -> Iterator[Redis]:
    assert redis.ping()
    with connect(redis_url, patient=False) as client:
        yield client


def pipeline(client: Redis) -> None:
    with client.pipeline() as commands:
        commands.hset("hash", "field", "text")
        commands.hset("hash", "other", "text")
        commands.execute()


def script(client: Redis) -> None:
    streams.append(client, {"n": 1}, "stream", keep=10)


def watching(client: Redis) -> None:
    with client.pipeline() as commands:
        commands.watch("key")
        commands.multi()
        commands.set("key", 1)
        commands.execute()


COMMANDS: dict[str, Callable[[Redis], object]] = {
    "command": lambda client: client.set("key", 1),
    "check": check_writable,
    "pipeline": pipeline,
    "script": script,
    "transaction that watches": watching,
    "appender": lambda client: streams.Appender(client, "stream", keep=10).append({"n": 1}),
}


@pytest.mark.parametrize("state", STATES)
def test_each_state_is_recognised_in_each_kind_of_command(redis: Redis, client: Redis, state: str) -> None:
    script(client)  # so that Redis knows the script
    with STATES[state](redis):
        for name, command in COMMANDS.items():
            with pytest.raises(RedisUnavailable) as raised:
                command(client)
            sentences = {PASSING[state], PASSING["READONLY"] if state == "MASTERDOWN" else None}
            assert str(raised.value) in sentences, name
        if state in READABLE:
            assert client.get("missing") is None
    check_writable(client)
    assert redis.exists("nothing") == 0


@pytest.mark.parametrize("state", STATES)
def test_a_patient_client_waits_until_the_state_ends(
    redis: Redis, redis_url: str, caplog: pytest.LogCaptureFixture, state: str
) -> None:
    caplog.set_level(logging.INFO)
    done = []

    def work(client: Redis) -> None:
        pipeline(client)
        while True:
            with contextlib.suppress(WatchError):  # RQ tries again at once too
                watching(client)
                break
        done.append(streams.append(client, {"n": 1}, "stream", keep=10))

    with connect(redis_url) as client:
        with STATES[state](redis):
            thread = threading.Thread(target=work, args=(client,))
            thread.start()
            until(lambda: "waiting for Redis" in caplog.text, "the client to wait")
            assert not done
        thread.join()
    assert len(done) == 1
    assert streams.read(redis, "stream") == [(done[0], {"n": 1})]
    assert redis.hlen("hash") == 2
    waits = [record.getMessage() for record in caplog.records if record.getMessage().startswith("waiting for Redis")]
    assert len(waits) == 1
    assert "Redis can be used again" in caplog.text


@pytest.mark.parametrize("patient", [True, False])
@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("redis://nobody:secret@{address}", LASTING["WRONGPASS"]),
        ("redis://limited:secret@{address}", LASTING["NOPERM"]),
        ("redis://{address}/99", LASTING["ERR DB index"]),
    ],
)
def test_what_waiting_cannot_mend_is_raised_at_once(
    redis: Redis, redis_url: str, url: str, text: str, *, patient: bool
) -> None:
    redis.acl_setuser("limited", enabled=True, passwords=["+secret"], keys=["*"], commands=["+get", "+ping"])
    with (
        connect(url.format(address=urlsplit(redis_url).netloc), patient=patient) as client,
        pytest.raises(RedisRefused) as raised,
    ):
        pipeline(client)
    redis.acl_deluser("limited")
    assert str(raised.value) == text


def test_a_password_that_is_set_later(redis: Redis, redis_url: str) -> None:
    redis.config_set("requirepass", "secret")
    with connect(redis_url) as client, pytest.raises(RedisRefused) as raised:
        client.get("key")
    redis.config_set("requirepass", "")
    assert str(raised.value) == LASTING["NOAUTH"]


def test_keys_of_another_program(redis: Redis, client: Redis) -> None:
    redis.set("hash", "text")
    with pytest.raises(RedisRefused) as raised:
        pipeline(client)
    assert str(raised.value) == LASTING["WRONGTYPE"]


@pytest.mark.parametrize("url", ["redis://127.0.0.1:1", "unix://{folder}/no.sock", "redis://nowhere.invalid:1"])
def test_a_server_that_is_not_there(tmp_path: Path, url: str) -> None:
    with connect(url.format(folder=tmp_path), patient=False) as client, pytest.raises(RedisUnavailable) as raised:
        client.get("key")
    assert "does not respond" in str(raised.value)


def test_a_server_that_hangs(redis: Redis, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("common.messaging.redis.TIMEOUT_S", 0.1)
    server = psutil.Process(redis.info()["process_id"])
    with connect(redis_url, patient=False) as client:
        assert client.ping()
        server.suspend()
        with pytest.raises(RedisUnavailable) as raised:
            client.get("key")
        server.resume()
        assert client.ping()
    assert str(raised.value) == NO_RESPONSE


def refusal(scheme: str, serve: Callable[[socket.socket], None], *, patient: bool) -> str:
    """Return why a client refuses a server that serves its one connection like this."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve, args=(server,))
        thread.start()
        url = f"{scheme}://127.0.0.1:{server.getsockname()[1]}"
        with connect(url, patient=patient) as client, pytest.raises(RedisRefused) as raised:
            client.get("key")
        thread.join()
    return str(raised.value)


def test_a_server_that_is_not_a_redis() -> None:
    def greet(server: socket.socket) -> None:
        with server.accept()[0] as connection:
            connection.sendall(b"SSH-2.0-OpenSSH_9.6\r\n")
            connection.recv(1000)

    assert refusal("redis", greet, patient=False) == NOT_REDIS


def test_a_certificate_that_is_not_trusted(tmp_path: Path) -> None:
    chain = tmp_path / "certificate.pem"
    chain.write_text(CERTIFICATE)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)

    def shake_hands(server: socket.socket) -> None:
        connection, _ = server.accept()
        with pytest.raises(ssl.SSLError), context.wrap_socket(connection, server_side=True):
            pass
        connection.close()

    assert refusal("rediss", shake_hands, patient=True) == UNTRUSTED


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("LOADING Redis is loading the dataset in memory", PASSING["LOADING"]),
        ("UNBLOCKED force unblock from blocking operation", PASSING["UNBLOCKED"]),
        ("CLUSTERDOWN Hash slot not served", PASSING["CLUSTERDOWN"]),
        ("TRYAGAIN Multiple keys request during rehashing of slot", PASSING["TRYAGAIN"]),
        ("ERR max number of clients + cluster connections reached", PASSING["ERR max number of clients"]),
        ("EXECABORT Transaction discarded because of: MISCONF Errors writing to the AOF file", PASSING["MISCONF"]),
        ("READONLY You can't write against a read only replica. script: f00, on @user_script:1.", PASSING["READONLY"]),
        ("ERR unknown command `XADD`, with args beginning with: `s`, ", LASTING["ERR unknown command"]),
        ("DENIED Redis is running in protected mode", LASTING["DENIED"]),
        ("MOVED 3999 127.0.0.1:6381", LASTING["MOVED"]),
        ("ERR value is not an integer, MISCONF or not", None),
        ("BUSYGROUP Consumer Group name already exists", None),
    ],
)
def test_replies_of_states_that_no_test_makes(text: str, problem: str | None) -> None:
    error = ResponseError(text)
    found = diagnose(error)
    assert found is error if problem is None else str(found) == problem


def test_the_log_of_a_client_that_waits_contains_no_data(
    redis: Redis, redis_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    with connect(redis_url) as client:
        with STATES["READONLY"](redis):
            thread = threading.Thread(target=pipeline, args=(client,))
            thread.start()
            until(lambda: "waiting for Redis" in caplog.text, "the client to wait")
        thread.join()
    assert "field" not in caplog.text


def test_other_errors_keep_their_type(client: Redis) -> None:
    with pytest.raises(RedisError, match="wrong number of arguments") as raised:
        client.execute_command("GET")
    assert not isinstance(raised.value, RedisRefused | RedisUnavailable)
