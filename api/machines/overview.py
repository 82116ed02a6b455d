"""All models on one host: the memory that each needs, how fast it is, how many users it serves, and what it costs."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from redis.exceptions import RedisError

from api.app_state import redis
from api.http.settings import settings
from api.machines.capacity import Served, at, median, served
from api.machines.installed import facts_of, installed
from api.machines.memory import Kind, Measured, Need, measured, need
from api.machines.room import CacheSettings, Room
from common.catalogue.test_types import TEST_TYPES
from common.environment.price import ElectricityPrice
from common.errors import OllamaError
from common.free_json import Json
from common.messaging.inventory import published
from common.ollama.models import InstalledModel
from common.store.earlier import newest
from common.store.earlier.memory import MemoryUse, memory_uses
from common.store.earlier.newest import NewestTest, StoredResult
from common.store.reads.inventories import newest_on

SPEED, WAIT = "decode", "ttft"
ENERGY = "energyPerToken"
MEASURING = (SPEED, WAIT, "prefill", "context-depth")
"""The test types that keep one model in memory, with one request at a time."""


@dataclass
class ModelOnHost:
    """A model that is installed on a host, was measured there, or is known from another host.

    `is_installed` is None if the host does not answer. `speed` and `wait` are its newest results, and `joules` a token
    for one user. `joules_with_users` is for `served.users` at once. `prices` of a million tokens belong to these two.
    """

    name: str
    kind: Kind
    is_installed: bool | None
    need: Need
    speed: StoredResult | None = None
    wait: StoredResult | None = None
    served: Served | None = None
    joules: float | None = None
    joules_with_users: float | None = None
    price: float | None = None
    price_with_users: float | None = None

    @property
    def has_energy(self) -> bool:
        return self.joules is not None or self.joules_with_users is not None

    @property
    def rate(self) -> float | None:
        return self.speed.statistic["value"] if self.speed and self.speed.statistic else None


@dataclass(frozen=True)
class Overview:
    """What is known of a host. `problem` says why its installed models are unknown. `price` is None if none is set."""

    host: str
    inventory: Json | None
    room: Room
    context: int
    cache: CacheSettings
    models: Sequence[ModelOnHost]
    served: Sequence[Served]
    problem: str | None
    price: ElectricityPrice | None


@dataclass
class _Found:
    """What was measured of a model, and what is known of it without a measurement."""

    size: int | None = None
    digest: str | None = None
    memory: list[tuple[int, MemoryUse]] = field(default_factory=list)
    """The context of each test, and what the model took."""


def overview(host: str, context: int) -> Overview:
    """Return what is known of a host, with the memory that models need with this `context`."""
    tests = {name: newest.newest(name) for name in MEASURING}
    listed = _listed(host)
    here = {name: [test for test in found if test.host == host] for name, found in tests.items()}
    inventory = _inventory(host)
    room, found = Room.of(inventory), _found(host, tests, here)
    models = {model.name: model for model in listed} if isinstance(listed, list) else None
    cache = _cache(found)
    on_host = _Host(context, room, cache, models)
    rows = [_row(name, known, on_host) for name, known in _named(found, models).items()]
    many = served(host)
    _add_results(rows, here, many)
    price = settings().price_per_kwh
    if price:
        _add_prices(rows, price)
    rows.sort(key=lambda row: (-(row.rate or 0.0), row.need.known or 0, row.name))
    problem = str(listed) if isinstance(listed, OllamaError) else None
    return Overview(host, inventory, room, context, cache, rows, many, problem, price)


def _inventory(host: str) -> Json | None:
    """Return the machine as its sampler describes it, or as it was when its newest result was measured."""
    with suppress(RedisError):
        if found := published(redis(), host):
            return found
    return newest_on(host)


def _listed(host: str) -> list[InstalledModel] | OllamaError | None:
    """Return the models on the host's disk, or why they are unknown. It is None for a host that is not configured."""
    server = settings().ollama_hosts.get(host)
    return installed(host, server) if server else None


def _found(
    host: str, tests: Mapping[str, Sequence[NewestTest]], here: Mapping[str, Sequence[NewestTest]]
) -> dict[str, _Found]:
    """Return what was measured of each model on the host, and what is known of those that others measured."""
    found: dict[str, _Found] = {}
    known = sorted((test for each in tests.values() for test in each), key=lambda test: (test.host == host, test.at))
    sessions = newest.submitted(test.session_id for test in known)
    for test in known:  # those of the host come last, and count
        own = found.setdefault(test.model, _Found())
        model = next((each for each in sessions[test.session_id].models if each.get("name") == test.model), {})
        own.size, own.digest = model.get("size") or own.size, model.get("digest") or own.digest
    uses = memory_uses([test for each in here.values() for test in each])
    for name, of_type in here.items():
        for test in of_type:
            if test.id in uses:
                found[test.model].memory.append((TEST_TYPES[name].context_length(test.options), uses[test.id]))
    return found


def _named(found: Mapping[str, _Found], models: Mapping[str, InstalledModel] | None) -> dict[str, _Found]:
    """Add the installed models that nobody has measured."""
    new = {name: _Found(model.size, model.digest) for name, model in (models or {}).items() if name not in found}
    return {**found, **new}


def _cache(found: Mapping[str, _Found]) -> CacheSettings:
    """Return how the server keeps contexts, as far as a test has seen its settings."""
    known = [use.settings for each in found.values() for _, use in each.memory if use.settings]
    return CacheSettings.of(known[0] if known else None)


@dataclass(frozen=True)
class _Host:
    """What the needs of all models on a host depend on. `models` are those installed there, None if unknown."""

    context: int
    room: Room
    cache: CacheSettings
    models: Mapping[str, InstalledModel] | None


def _row(name: str, found: _Found, host: _Host) -> ModelOnHost:
    models = host.models
    here = models.get(name) if models is not None else None
    facts = facts_of(found.digest) or facts_of(here.digest if here else None)
    kind = Kind(found.size, facts.context_length, facts.context_memory) if facts else Kind(found.size)
    known = [each for length, use in found.memory if (each := measured(use, length, host.room, found.size))]
    is_installed = None if models is None else here is not None
    return ModelOnHost(name, kind, is_installed, need(host.context, _largest(known), kind, host.cache, host.room))


def _largest(known: Sequence[Measured]) -> list[Measured]:
    """Return one measurement of each context, the largest."""
    by_context = {each.context: each for each in sorted(known, key=lambda each: each.total)}
    return list(by_context.values())


def _add_results(rows: Sequence[ModelOnHost], here: Mapping[str, Sequence[NewestTest]], many: Sequence[Served]) -> None:
    speeds = _by_model(here[SPEED], TEST_TYPES[SPEED].headline)
    waits = _by_model(here[WAIT], TEST_TYPES[WAIT].headline)
    energies, with_users = _by_model(here[SPEED], ENERGY), {each.model: each for each in many}
    for row in rows:
        row.speed, row.wait, row.served = speeds.get(row.name), waits.get(row.name), with_users.get(row.name)
        row.joules = _value(energies.get(row.name))
        row.joules_with_users = median(at(row.served.points, row.served.users), ENERGY) if row.served else None


def _add_prices(rows: Sequence[ModelOnHost], price: ElectricityPrice) -> None:
    for row in rows:
        row.price, row.price_with_users = price.of_tokens(row.joules), price.of_tokens(row.joules_with_users)


def _by_model(tests: Sequence[NewestTest], metric: str) -> dict[str, StoredResult]:
    return {result.test.model: result for result in newest.results(tests, metric)}


def _value(result: StoredResult | None) -> float | None:
    return result.statistic["value"] if result and result.statistic else None
