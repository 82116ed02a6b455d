"""A real Redis, the API under gunicorn as the Procfile starts it, and sessions to show."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from redis import Redis

from bench.support.modelled.sessions import HOST, MINUTES_S, RATES, RUNS, STEP_MS, Maker, Plan, every_type
from bench.support.silent_log import silence
from common.store.database import database, open_database
from local.redis_server import redis_server
from testbed.ollama_double import OllamaDouble
from testbed.servers.api_server import ApiServer, api_server
from testbed.servers.stack import settings_of

*TEN, NIGHTLY = RATES
TWO = TEN[:2]


@dataclass(frozen=True)
class Sizes:
    """The amount of data on the pages. Tests use less."""

    models: int = 10
    types: int = 16
    runs: int = RUNS
    seconds: int = MINUTES_S
    nights: int = 200


@dataclass(frozen=True)
class PagesSetup:
    """The API and its sessions. `sessions` are ids by what the session contains.

    `nights` are the ids of the same small session on many nights, oldest first.
    """

    api: ApiServer
    sessions: dict[str, str]
    nights: list[str]

    @property
    def url(self) -> str:
        return f"http://{self.api.address}"

    @property
    def process(self) -> psutil.Process:
        """The process that serves requests."""
        [worker] = self.api.workers
        return worker


def plans(sizes: Sizes) -> dict[str, Plan]:
    """Return sessions that are each hard to show in another way."""
    types = dict(list(every_type(sizes.runs, sizes.seconds // 10).items())[: sizes.types])
    order = list(types)
    sustained = {"sustained": {"durationSeconds": sizes.seconds}}

    def every_other(model: str, test_type: str) -> bool:
        return (order.index(test_type) + TEN.index(model)) % 2 == 0

    return {
        f"{len(types)} types × 2 models": Plan("every test type", TWO, types),
        "half of it errors": Plan("half of it failed", TWO, types, every_other),
        f"{len(types)} types × {sizes.models} models": Plan("ten models", TEN[: sizes.models], types),
        f"{sizes.seconds // 60} min at 10 Hz": Plan("ten minutes", TEN[:1], sustained, step=STEP_MS),
    }


@contextmanager
def pages_setup(sizes: Sizes) -> Iterator[PagesSetup]:
    silence()
    with ExitStack() as open_:
        folder = Path(open_.enter_context(tempfile.TemporaryDirectory()))
        url = open_.enter_context(redis_server(folder, folder / "redis.log"))
        ollama = open_.enter_context(OllamaDouble(*RATES))
        settings = settings_of(folder, url, {HOST: ollama.url})
        sessions, nights = _filled(settings["DATABASE_URL"], url, sizes)
        yield PagesSetup(open_.enter_context(api_server(folder, settings)), sessions, nights)


def _filled(database_url: str, redis_url: str, sizes: Sizes) -> tuple[dict[str, str], list[str]]:
    open_database(database_url)
    with database.connection_context(), Redis.from_url(redis_url) as redis:
        maker = Maker(redis)
        decode = {"decode": {"minRepetitions": sizes.runs, "maxRepetitions": sizes.runs, "outputTokens": 16}}
        nights = [
            maker.make(Plan(f"night {sizes.nights - day}", [NIGHTLY], decode, days=day))
            for day in range(sizes.nights, 0, -1)
        ]
        return {name: maker.make(plan) for name, plan in plans(sizes).items()}, nights
