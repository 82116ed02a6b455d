"""The models that Gait has loaded on a host. What Gait loads, Gait unloads; what others loaded stays and is flagged."""

from collections.abc import Callable
from functools import partial
from typing import cast

import structlog
from redis import Redis

from common.environment.settings import settings
from common.errors import OllamaError
from common.messaging.redis import loaded_on
from common.ollama.client import Ollama
from common.store.tables import Session
from worker.ollama.client import KEEP_ALIVE_S, Driver
from worker.procedure.progress import TestProgress
from worker.procedure.settling import settle, unload
from worker.workload.retry import retry

logger = structlog.get_logger(__name__)

REQUEST_TIMEOUT_S = 2.0
"""Limit of a request that a worker sends beside its own duties."""


class HostMemory:
    """The names of the models that any session has loaded on a host, in Redis.

    They expire when the server would unload the models by itself. So a model that a user loads later is not mistaken
    for Gait's, even if no session came after one that was killed.
    """

    def __init__(self, redis: Redis, host: str, driver: Driver) -> None:
        self._redis = redis
        self._key = loaded_on(host)
        self._driver = driver
        driver.use.before_first_use = self._note

    def _note(self, model: str) -> None:
        """Note a model before its first request, unless others have loaded it."""
        if model not in self.names() and not self._driver.is_loaded(model):
            self._redis.sadd(self._key, model)
        self.keep()

    def keep(self) -> None:
        """Keep the names for as long as the server keeps the models after a request."""
        self._redis.expire(self._key, KEEP_ALIVE_S)

    def names(self) -> set[str]:
        found = cast("set[bytes]", self._redis.smembers(self._key))
        return {name.decode() for name in found}

    def unload_leftovers(self, progress: TestProgress, ensure_active: Callable[[], None], also: set[str]) -> None:
        """Unload what an interrupted session left, and wait until the server has ended its requests.

        `also` are models that it may have used although others had loaded them.
        """
        use = self._driver.use
        use.models = self.names() | also
        use.interrupted = bool(use.models)
        retry(lambda: settle(self._driver, progress, ensure_active), progress.log)
        use.models = set()
        self._redis.delete(self._key)

    def unload_others(self, model: str, progress: TestProgress) -> None:
        """Unload Gait's models but this one."""
        for name in sorted(self.names() - {model}):
            if retry(partial(self._unload, name, progress.log), progress.log):
                progress.log(f"{name} unloaded to free memory for {model}")

    def unload_all(self) -> None:
        """Unload Gait's models at the end of a session. What fails is left to the next session."""
        try:
            for name in sorted(self.names()):
                self._unload(name, logger.warning)
        except OllamaError as error:
            logger.warning("a model stays in memory until it expires", error=str(error))
        else:
            self._redis.delete(self._key)

    def request_unloads(self) -> None:
        """Ask the server to unload Gait's models, and do not wait. The next session still knows their names."""
        for name in sorted(self.names()):
            try:
                self._driver.request_unload(name, REQUEST_TIMEOUT_S)
            except OllamaError as error:
                logger.warning("a model stays in memory", model=name, error=str(error))

    def _unload(self, name: str, log: Callable[[str], object]) -> bool:
        """Unload a model, and return whether it was in memory and has left it."""
        return self._driver.is_loaded(name) and unload(self._driver, name, log)


def unload_on_neighbours(redis: Redis, session: Session) -> None:
    """Unload what interrupted sessions left on other hosts of the machine that this session occupies."""
    for name, server in settings().ollama_hosts.items():
        if name != session.host and redis.exists(loaded_on(name)) and _machine(name) == session.machine:
            HostMemory(redis, name, Driver(Ollama.at(server), settings().time_limits)).unload_all()


def _machine(host: str) -> str | None:
    """Return the machine of a host, as its newest session has it."""
    newest = Session.select(Session.machine).where(Session.host == host).order_by(Session.created_at.desc())
    found: str | None = newest.limit(1).scalar()
    return found
