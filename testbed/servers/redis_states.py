"""States in which a real Redis answers, but cannot do what it is asked."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from threading import Thread

from redis import Redis
from redis.exceptions import ResponseError

from testbed.waiting import until

NOWHERE = ("127.0.0.1", "1")


@contextmanager
def unable_to_save(redis: Redis) -> Iterator[None]:
    """Make every snapshot fail, because there is a folder where its file should be."""
    blocker = Path(str(redis.config_get("dir")["dir"]), str(redis.config_get("dbfilename")["dbfilename"]))
    blocker.unlink(missing_ok=True)
    blocker.mkdir()
    redis.config_set("save", "3600 1")
    _save(redis, "err")
    try:
        yield
    finally:
        blocker.rmdir()
        _save(redis, "ok")
        redis.config_set("save", "")


def _save(redis: Redis, result: str) -> None:
    redis.bgsave()
    until(lambda: redis.info("persistence")["rdb_last_bgsave_status"] == result, f"a snapshot that is {result}")


@contextmanager
def read_only(redis: Redis) -> Iterator[None]:
    """Make it a replica of a server that does not exist, and promote it again."""
    redis.replicaof(*NOWHERE)
    try:
        yield
    finally:
        redis.replicaof("NO", "ONE")


@contextmanager
def without_its_primary(redis: Redis) -> Iterator[None]:
    with _configured("replica-serve-stale-data", "no")(redis), read_only(redis):
        yield


@contextmanager
def busy(redis: Redis) -> Iterator[None]:
    """Run an endless script."""
    with _configured("lua-time-limit", "1")(redis):
        script = Thread(target=_run_until_killed, args=(redis,))
        script.start()
        until(lambda: _is_busy(redis), "the script to be slow")
        try:
            yield
        finally:
            redis.script_kill()
            script.join()


def _run_until_killed(redis: Redis) -> None:
    try:
        redis.eval("while true do end", 0)
    except ResponseError:
        return


def _is_busy(redis: Redis) -> bool:
    try:
        redis.ping()
    except ResponseError:
        return True
    return False


def _configured(name: str, value: str) -> Callable[[Redis], AbstractContextManager[None]]:
    """Return a state that a setting causes."""

    @contextmanager
    def configured(redis: Redis) -> Iterator[None]:
        before = str(redis.config_get(name)[name])
        redis.config_set(name, value)
        try:
            yield
        finally:
            redis.config_set(name, before)

    return configured


STATES: dict[str, Callable[[Redis], AbstractContextManager[None]]] = {
    "MISCONF": unable_to_save,
    "READONLY": read_only,
    "OOM": _configured("maxmemory", "1"),
    "NOREPLICAS": _configured("min-replicas-to-write", "1"),
    "MASTERDOWN": without_its_primary,
    "BUSY": busy,
}
"""States by the code of Redis's errors."""
