"""Jobs and commands that somebody else wrote to Redis: the worker refuses them, and runs nothing that they name."""

import json
import os
import pickle
import zlib
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from redis import Redis
from rq import Retry
from rq.job import Job

from common.messaging.jobs import queue
from common.messaging.jobs.checked_job import RefusedJob
from common.messaging.jobs.session_job import RUN_SESSION, SessionJob
from common.messaging.redis import QUEUE, connect
from worker import jobs
from worker.sessions.rq_worker import SessionWorker

pytestmark = [pytest.mark.usefixtures("tables"), pytest.mark.slow]


class Pickled:
    """An object whose pickle creates a folder when it is read."""

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
        return os.mkdir, (self.folder,)


def call(function: str, *arguments: object, **named: object) -> bytes:
    return zlib.compress(json.dumps([function, None, arguments, named]).encode())


def bomb(session_id: str) -> bytes:
    return zlib.compress(json.dumps([RUN_SESSION, None, [session_id], {}]).encode() + b" " * 100_000)


Fields = dict[str, bytes]
FOREIGN: dict[str, Callable[[str, str], Fields]] = {
    "another function": lambda _, folder: {"data": call("os.mkdir", folder)},
    "a builtin": lambda _, folder: {"data": call("eval", f"__import__('os').mkdir({folder!r})")},
    "another session's id": lambda _id, _: {"data": call(RUN_SESSION, str(uuid4()))},
    "more arguments": lambda session_id, _: {"data": call(RUN_SESSION, session_id, 1)},
    "named arguments": lambda _id, _: {"data": call(RUN_SESSION, session_id=str(uuid4()))},
    "pickled call": lambda _, folder: {"data": zlib.compress(pickle.dumps(Pickled(folder)))},
    "pickled meta": lambda _, folder: {"meta": pickle.dumps(Pickled(folder))},
    "pickled result": lambda _, folder: {"result": pickle.dumps(Pickled(folder))},
    "call that grows": lambda session_id, _: {"data": bomb(session_id)},
    "nested call": lambda _id, _: {"data": zlib.compress(b"[" * 250)},
    "callback after success": lambda _id, _: {"success_callback_name": b"os.abort"},
    "callback after failure": lambda _id, _: {"failure_callback_name": b"os.abort"},
    "another callback after a stop": lambda _id, _: {"stopped_callback_name": b"os.abort"},
    "webhook": lambda _id, _: {"webhooks": b'[{"url": "http://169.254.169.254/"}]'},
    "dependency": lambda _id, _: {"dependency_ids": b'["other"]'},
    "group": lambda _id, _: {"group_id": b"other"},
    "repetition": lambda _id, _: {"repeats_left": b"1000000"},
    "another queue": lambda _id, _: {"origin": b"other"},
    "intervals": lambda _id, _: {"retry_intervals": b'["x"]'},
    "no time": lambda _id, _: {"created_at": b"yesterday"},
    "no number": lambda _id, _: {"timeout": b"soon"},
    "no status": lambda _id, _: {"status": b"evil"},
    "a field in other bytes": lambda _id, _: {"\xff": b"1"},
}


def queued(redis: Redis) -> str:
    """Return the id of a session that waits in the queue."""
    session_id = str(uuid4())
    queue.enqueue(redis, session_id, session_id)
    redis.lpush(f"rq:queue:{QUEUE}", session_id)  # as RQ's maintenance does
    return session_id


def test_a_worker_deletes_jobs_that_gait_has_not_written(redis: Redis, redis_url: str, tmp_path: Path) -> None:
    folder = tmp_path / "made by a job"
    written = {}
    for name, fields in FOREIGN.items():
        written[name] = queued(redis)
        for field, value in fields(written[name], str(folder)).items():
            redis.hset(Job.key_for(written[name]), field.encode("latin-1"), value)
    for name in ("not-a-uuid", "a/b", "a:b", "é" * 100):
        redis.hset(Job.key_for(name), mapping={"data": call(RUN_SESSION, name), "origin": QUEUE, "status": "queued"})
        redis.lpush(f"rq:queue:{QUEUE}", name)
    with connect(redis_url) as client:
        assert not SessionWorker(client).work(burst=True)
    assert not folder.exists()
    assert {name for name, session_id in written.items() if redis.exists(Job.key_for(session_id))} == set()
    assert not redis.llen(f"rq:queue:{QUEUE}")


@pytest.mark.parametrize("registry", ["wip", "ready", "deferred", "finished", "failed", "canceled"])
def test_maintenance_survives_foreign_jobs_in_a_registry(
    redis: Redis, redis_url: str, tmp_path: Path, registry: str
) -> None:
    folder = tmp_path / "made by the job"
    for name in (str(uuid4()), "a/b"):
        redis.hset(Job.key_for(name), mapping={"data": pickle.dumps(Pickled(str(folder))), "status": "started"})
        redis.zadd(f"rq:{registry}:{QUEUE}", {f"{name}:1" if registry == "wip" else name: 1})
    with connect(redis_url) as client:
        SessionWorker(client).clean_registries()
    assert not folder.exists()


def test_a_session_that_is_to_be_continued_stays_in_the_queue(
    redis: Redis, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run_again(session_id: str) -> Retry | None:
        with connect(redis_url) as client:
            return Retry(max=9, interval=0, enqueue_at_front=True) if client.incr(session_id) == 1 else None

    monkeypatch.setattr(jobs, "run_session", run_again)
    session_id = str(uuid4())
    queue.enqueue(redis, session_id, session_id)
    with connect(redis_url) as client:
        assert SessionWorker(client).work(burst=True)
    assert redis.get(session_id) == b"2"


def test_a_sessions_job_that_somebody_changed_is_made_again(redis: Redis) -> None:
    session_id = queued(redis)
    redis.hset(Job.key_for(session_id), "webhooks", "[]")
    assert queue.restore(redis, session_id, "local")
    assert SessionJob.fetch(session_id, redis).webhooks == []
    redis.hset(Job.key_for(session_id), "webhooks", "[]")
    with pytest.raises(RefusedJob):
        SessionJob.fetch(session_id, redis)


@pytest.mark.parametrize(
    "command", ['{"command": "shutdown"}', '{"command": "kill-horse"}', "{}", "[]", "\xff", "[" * 9999]
)
def test_a_worker_obeys_no_command_but_that_to_stop_a_job(redis_url: str, command: str) -> None:
    with connect(redis_url) as client:
        worker = SessionWorker(client)
        worker._horse_pid = os.getpid()  # kill-horse would end this process's group
        worker.handle_payload({"data": command.encode("latin-1")})
        assert not worker.is_stopping
