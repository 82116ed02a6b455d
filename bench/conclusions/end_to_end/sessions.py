"""Sessions of two models that take turns, measured through a real API and worker."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, cycle

from bench.conclusions.end_to_end.planted import PlantedOllama
from bench.load.setup import HOST, load_setup
from cli.progress.messages import messages
from cli.server.client import Client
from cli.server.configuration import Connection
from common.catalogue.test_types import TEST_TYPES
from common.stats.distribution import Distribution
from common.store.database import database, open_database
from common.store.tables import Order, Status
from common.values.free_json import Json
from local.readiness import Readiness
from testbed.waiting import until

TEST = "decode"
METRIC = TEST_TYPES[TEST].headline
OPTIONS = {"promptTokens": 32, "outputTokens": 16}
NOISE = 1.0
"""Noise of the runs in percent."""
SPREADS = (0.0, 0.5, 1.0, 2.0)
"""How far sessions lie apart, in percent."""
CHANGES = (2.0, 3.0, 5.0)
LENGTH = 10
"""Sessions of the same two models. Eight of them show how far sessions lie apart when the other two are compared."""
MIN_SESSIONS = 5


@dataclass(frozen=True)
class Group:
    """Sessions of two models, of which the other one is slower by this percentage. `spread` is in percent."""

    number: int
    slower: float
    spread: float
    sessions: int

    @property
    def models(self) -> list[str]:
        return [f"baseline-{self.number}:latest", f"other-{self.number}:latest"]


@dataclass(frozen=True)
class MeasuredSession:
    """A session of a group, with the true median rate of each model, and the API's statistics of them."""

    group: Group
    id: str
    rates: Sequence[float]
    statistics: Sequence[Distribution]


def groups(pairs: int) -> list[Group]:
    """Return groups with this number of pairs of equal models, and half of it of each change."""
    wanted = chain([(0.0, pairs)], ((change, pairs // 2) for change in CHANGES))
    parts = [(by, min(LENGTH, count - done)) for by, count in wanted for done in range(0, count, LENGTH)]
    numbered = enumerate(zip(parts, cycle(SPREADS), strict=False))
    return [Group(number, by, spread, max(count, MIN_SESSIONS)) for number, ((by, count), spread) in numbered]


@contextmanager
def measured(wanted: Sequence[Group]) -> Iterator[Iterator[MeasuredSession]]:
    """Yield the sessions of all groups as they are measured. The database that they are in is open."""
    slower = {model: by for group in wanted for model, by in zip(group.models, (0.0, group.slower), strict=True)}
    planted = PlantedOllama(slower)
    with planted.double, load_setup(planted.double.url, IDLE_BASELINE="0") as setup, setup.sampler(), setup.worker():
        open_database(setup.settings["DATABASE_URL"])
        url = f"http://{setup.api.address}"
        client, readiness = Client(Connection(url)), Readiness(url)
        until(lambda: readiness.is_complete(HOST), "the machine to be known")
        with database.connection_context():
            yield (_session(client, planted, group) for group in wanted for _ in range(group.sessions))


def _session(client: Client, planted: PlantedOllama, group: Group) -> MeasuredSession:
    planted.begin_session(group.spread, NOISE)
    wanted = {"models": group.models, "testTypes": [TEST], "order": Order.INTERLEAVED, "options": {TEST: OPTIONS}}
    session = client.submit_one(wanted)
    for _ in messages(client, session):
        pass
    found = [_statistics(model) for model in client.session(session)["models"]]
    return MeasuredSession(group, session, [planted.rate(model) for model in group.models], found)


def _statistics(model: Json) -> Distribution:
    [test] = model["tests"]
    if test["status"] != Status.COMPLETED:
        raise RuntimeError(f"{model['name']} was not measured: {test['message']}")
    found: Distribution = test["metrics"]["statistics"][METRIC]
    return found
