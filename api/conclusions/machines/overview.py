"""All models on one host: the memory that each needs, how fast it is, how many users it serves, and what it costs."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from redis.exceptions import RedisError

from api.conclusions.machines.capacity import Served, served
from api.conclusions.machines.cost import ENERGY, TokenCost, costs
from api.conclusions.machines.installed import Listed, facts_of, installed
from api.conclusions.machines.memory import Kind, Measured, Need, measured, need
from api.conclusions.machines.memory_for_models import CacheSettings, Room
from api.conclusions.readings.other_programs import held_by_others
from api.http.redis import redis
from api.http.settings import settings
from common.catalogue.test_types import TEST_TYPES
from common.environment.price import ElectricityPrice
from common.errors import OllamaError
from common.messaging.inventory import published
from common.store.earlier.newest import newest
from common.store.earlier.newest.memory import MemoryUse, memory_uses
from common.store.earlier.newest.newest import NewestTest, StoredResult
from common.store.fields import known as known_record
from common.store.reads.inventories import newest_on
from common.values.free_json import Json

SPEED, WAIT = "decode", "ttft"
MEASURING = (SPEED, WAIT, "prefill", "context-depth")
"""The test types that keep one model in memory, with one request at a time."""


@dataclass
class ModelOnHost:
    """A model that is installed on a host, was measured there, or is known from another host.

    `is_installed` is None if the host does not answer. `speed` and `wait` are its newest results.
    """

    name: str
    kind: Kind
    is_installed: bool | None
    need: Need
    speed: StoredResult | None = None
    wait: StoredResult | None = None
    served: Served | None = None
    costs: Sequence[TokenCost] = ()

    @property
    def rate(self) -> float | None:
        return self.speed.value if self.speed else None


@dataclass(frozen=True)
class Overview:
    """What is known of a host. `problem` says why its installed models are unknown.

    Other programs hold `held_by_others` bytes of its main memory now, None if that is unknown.
    """

    host: str
    inventory: Json | None
    room: Room
    context: int
    cache: CacheSettings
    models: Sequence[ModelOnHost]
    served: Sequence[Served]
    problem: str | None
    held_by_others: int | None

    @property
    def price(self) -> ElectricityPrice | None:
        """The price of electricity, None if none is set."""
        return settings().price_per_kwh


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
    here = {name: [test for test in found if test.host == host] for name, found in tests.items()}
    listed, inventory, many = installed(settings().ollama_hosts), _inventory(host), served(host)
    found = _named(_found(host, tests, here), listed)
    on_host = _Host(context, Room.of(inventory), _cache(found, many), listed.get(host))
    rows = [_row(name, known, on_host) for name, known in found.items()]
    _add_results(rows, here, many)
    rows.sort(key=lambda row: (-(row.rate or 0.0), row.need.known or 0, row.name))
    return Overview(
        host, inventory, on_host.room, context, on_host.cache, rows, many, on_host.problem, _held(host, on_host.room)
    )


def _held(host: str, room: Room) -> int | None:
    """Return the memory that other programs hold now, None if it is unknown."""
    try:
        return held_by_others(redis(), host, on_gpus=bool(room.vram))
    except RedisError:
        return None


def _inventory(host: str) -> Json | None:
    """Return the machine as its sampler describes it, or as it was when its newest result was measured."""
    with suppress(RedisError):
        if found := published(redis(), host):
            return found
    return newest_on(host)


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
            if test.id in uses and (options := known_record(test.options)):
                found[test.model].memory.append((_context_of(name, options), uses[test.id]))
    return found


def _context_of(test_type: str, options: Json) -> int:
    """Return the context of a test. What its release did not know as an option has its default."""
    declared = TEST_TYPES[test_type]
    return declared.context_length({option.name: option.default for option in declared.options} | options)


def _named(found: Mapping[str, _Found], listed: Mapping[str, Listed]) -> dict[str, _Found]:
    """Add the models that are installed on any host, and that nobody has measured."""
    models = [model for each in listed.values() if not isinstance(each, OllamaError) for model in each]
    new = {model.name: _Found(model.size, model.digest) for model in models if model.name not in found}
    by_name = {model.name: model.digest for model in models}
    for name, each in found.items():
        each.digest = each.digest if facts_of(each.digest) else by_name.get(name, each.digest)
    return {**found, **new}


def _cache(found: Mapping[str, _Found], many: Sequence[Served]) -> CacheSettings:
    """Return how the server keeps contexts, as far as tests have seen it."""
    known = [use.settings for each in found.values() for _, use in each.memory if use.settings]
    slots = [each.slots for each in many if each.slots]
    return CacheSettings.of(known[0] if known else None, max(slots, default=None))


@dataclass(frozen=True)
class _Host:
    """What the needs of all models on a host depend on. `listed` is None for a host that is not configured."""

    context: int
    room: Room
    cache: CacheSettings
    listed: Listed | None

    @property
    def problem(self) -> str | None:
        """Why its installed models are unknown."""
        return str(self.listed) if isinstance(self.listed, OllamaError) else None

    def has(self, name: str) -> bool | None:
        """Return whether a model is installed, None if that is unknown."""
        return any(model.name == name for model in self.listed) if isinstance(self.listed, list) else None


def _row(name: str, found: _Found, host: _Host) -> ModelOnHost:
    facts = facts_of(found.digest)
    kind = Kind(found.size, facts.context_length, facts.context_memory) if facts else Kind(found.size)
    known = [each for length, use in found.memory if (each := measured(use, length, host.room, found.size))]
    needed = need(host.context, _largest(known), kind, host.cache, host.room)
    return ModelOnHost(name, kind, host.has(name), needed)


def _largest(known: Sequence[Measured]) -> list[Measured]:
    """Return one measurement of each context, the largest."""
    by_context = {each.context: each for each in sorted(known, key=lambda each: each.total)}
    return list(by_context.values())


def _add_results(rows: Sequence[ModelOnHost], here: Mapping[str, Sequence[NewestTest]], many: Sequence[Served]) -> None:
    speeds = _by_model(here[SPEED], TEST_TYPES[SPEED].headline)
    waits = _by_model(here[WAIT], TEST_TYPES[WAIT].headline)
    energies, by_model = _by_model(here[SPEED], ENERGY), {each.model: each for each in many}
    for row in rows:
        row.speed, row.wait, row.served = speeds.get(row.name), waits.get(row.name), by_model.get(row.name)
        row.costs = costs(energies.get(row.name), row.served, settings().price_per_kwh)


def _by_model(tests: Sequence[NewestTest], metric: str) -> dict[str, StoredResult]:
    return {result.test.model: result for result in newest.results(tests, metric)}
