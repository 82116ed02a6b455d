"""Sessions that run in this process, where a benchmark can watch them, on a real Redis, sampler, SQLite and Ollama."""

import contextlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from redis import Redis

from bench.support.silent_log import silence
from common.catalogue.options import Options
from common.environment.servers.addresses import OllamaHost
from common.environment.settings import settings
from common.ollama.client import Ollama
from common.store.changes import claims
from common.store.changes.claims import Claim
from common.store.changes.writes import NewSession
from common.store.database import database, open_database
from common.store.tables import Session
from local.ollama.first_model import ensure_model
from local.ollama.server import ollama_server
from local.redis_server import redis_server
from testbed.servers.stack import sampler, settings_of
from testbed.stored.sessions import store
from worker.sessions.runner import SessionRunner
from worker.workload.test_type import WORKLOADS

HOST = "local"
CLAIM = "bench"


@dataclass(frozen=True)
class InProcessSessions:
    """Creates sessions of the smallest model, and runs them. `url` is that of Ollama."""

    redis: Redis
    url: str

    def model(self) -> str:
        """Return the smallest model of the server."""
        return min(Ollama(self.url).models(), key=lambda model: model.size or 0).name

    def create(self, types: dict[str, Options]) -> Session:
        """Store a session of these test types, each with its options."""
        name = self.model()
        described: dict[str, Any] = {"name": name, "version": "", "digest": "", "size": 0, "tags": []}
        resolved = {kind: WORKLOADS[kind].test_type.resolve(options) for kind, options in types.items()}
        return store(NewSession("bench", HOST, [described], resolved, request_digest=""))

    def run(self, session: Session) -> None:
        claim = Claim(session.id, CLAIM)
        claims.take(claim)
        SessionRunner(self.redis, claim, session, self.url, resumed=False, checkpoint=lambda: None).run()


@contextmanager
def in_process_sessions() -> Iterator[InProcessSessions]:
    """Run the servers and open a database until the end of the block, which deletes the database."""
    silence()
    with contextlib.ExitStack() as open_:
        folder = Path(open_.enter_context(tempfile.TemporaryDirectory()))
        redis_url = open_.enter_context(redis_server(folder, folder / "redis.log"))
        wanted = settings().ollama_hosts.get(HOST, OllamaHost("http://127.0.0.1:11434"))
        url = open_.enter_context(ollama_server(wanted, settings().data / "ollama", folder / "ollama.log", print))
        ensure_model(url, print)
        redis = Redis.from_url(redis_url)
        open_.enter_context(sampler(folder, settings_of(folder, redis_url, {HOST: url}), HOST))
        open_database(f"sqlite:///{folder}/gait.db")
        open_.enter_context(database.connection_context())
        yield InProcessSessions(redis, url)
