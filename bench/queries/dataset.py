"""Sessions to fill a database with: what is common, what is rare, and metrics of realistic size."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from uuid import UUID

from common.catalogue.metrics import METRICS
from common.catalogue.test_types import TEST_TYPES
from common.machines import fingerprint
from common.values.free_json import Json

MODELS_PER_SESSION = TYPES_PER_SESSION = 2
RESULTS_PER_SESSION = MODELS_PER_SESSION * TYPES_PER_SESSION
FAMILIES = ("llama3.2", "qwen3", "gemma3", "mistral", "phi4", "deepseek-r1", "granite3.3", "smollm2")
MODELS = tuple(f"{family}:{size}" for family in FAMILIES for size in ("1b", "3b", "8b"))
RARE_MODEL, RARE_TAG, RARE_WORD = "falcon3:7b", "regression-hunt", "jabberwocky"
RARE_SESSIONS = 20
SESSIONS_PER_GROUP = 3
COMMON_TYPE = "decode"
"""The test type of all sessions, so that leaderboards have each model on each host in a small database too."""
OTHER_TYPES = [name for name in TEST_TYPES if name != COMMON_TYPE]
NIGHTLY_MODEL, SPREAD_MODEL = MODELS[:2]
FULL_EVERY, NIGHTLY, SPREAD = 4, 1, 3
"""Of this number of sessions, the one at `NIGHTLY` measures one model on the first host, the one at `SPREAD` another on
all hosts in turn.

They fill histories, trends and spans of time up to their limits in a small database too, so that what is read there is
as long as in a large one.
"""
COMMON_TAG = "lab"
"""The tag that all sessions have."""
TAGS = ("nightly", "release", "ci", "q4_k_m", "q8_0", "llama", "qwen", "gemma")
HOSTS = tuple(f"rack-{number}" for number in range(1, 9))
METRICS_BYTES = 12_000
TEMPLATES = 200
"""Different metrics, which results share."""
SCHEDULE, WEBHOOK = str(UUID(int=1)), str(UUID(int=2))
SPAN_DAYS = 1000
PER_PAGE = 20
MIN_REGRESSIONS = PER_PAGE * len(MODELS)
"""As many as fill a page for each model."""
SESSIONS_PER_REGRESSION = 50
"""In a large database."""
NEWEST = datetime(2026, 11, 1)  # noqa: DTZ001 - as the database keeps times


Measured = tuple[str, list[str], list[str]]
"""The host, the models and the test types of a session."""


@dataclass(frozen=True)
class Machine:
    """The machine of a host, as `Hardware` stores it."""

    digest: str
    fingerprint: str
    inventory: Json
    text: str


@dataclass(frozen=True)
class SessionRow:
    """A session to store, with its tests' models and types, and the numbers of the metrics of each."""

    id: str
    at: datetime
    name: str
    host: str
    machine: Machine
    models: list[str]
    test_types: list[str]
    tags: list[str]
    metrics: list[int]
    group: str
    schedule: str | None

    @property
    def text(self) -> str:
        """The text that searches look in, as a worker leaves it."""
        words = [self.id, self.name, self.host, *self.models, *self.test_types, *sorted(self.tags)]
        words += [self.machine.fingerprint, self.machine.text]
        return " ".join(words).lower()


@dataclass(frozen=True)
class Dataset:
    """`results` completed tests in sessions of four each, the same for the same number."""

    results: int

    @property
    def number(self) -> int:
        """The number of sessions."""
        return self.results // RESULTS_PER_SESSION

    @property
    def sessions_per_regression(self) -> int:
        return min(SESSIONS_PER_REGRESSION, self.number // MIN_REGRESSIONS)

    def machines(self) -> dict[str, Machine]:
        """Return the machine of each host."""
        return {host: _machine(number) for number, host in enumerate(HOSTS)}

    def sessions(self) -> Iterator[SessionRow]:
        """Yield the sessions, oldest first."""
        chance = random.Random(self.results)  # noqa: S311 - made-up data
        machines, every = self.machines(), max(1, self.number // RARE_SESSIONS)
        for number in range(self.number):
            at = NEWEST - timedelta(days=SPAN_DAYS) * (1 - (number + 1) / self.number)
            is_rare = number % every == every // 2
            is_nightly = number % FULL_EVERY == NIGHTLY and not is_rare
            host, models, test_types = _any(chance) if is_rare else _measured(number, chance)
            yield SessionRow(
                id=_id(at, chance),
                at=at,
                name="nightly run" if is_nightly else f"{RARE_WORD if is_rare else 'nightly run'} {number}",
                host=host,
                machine=machines[host],
                models=[RARE_MODEL, models[0]] if is_rare else models,
                test_types=test_types,
                tags=[COMMON_TAG, *chance.sample(TAGS, 3), *([RARE_TAG] if is_rare else [])],
                metrics=chance.choices(range(TEMPLATES), k=RESULTS_PER_SESSION),
                group=str(UUID(int=1 + number // SESSIONS_PER_GROUP)),
                schedule=SCHEDULE if is_nightly else None,
            )

    @cached_property
    def metrics(self) -> list[str]:
        """Metrics of a test as JSON, of about `METRICS_BYTES`, like those of a test of several points."""
        chance = random.Random(TEMPLATES)  # noqa: S311 - made-up data
        return [json.dumps(_metrics(chance)) for _ in range(TEMPLATES)]


def _measured(number: int, chance: random.Random) -> Measured:
    """Return what a session that has nothing rare measures."""
    turn, place = divmod(number, FULL_EVERY)
    if place == NIGHTLY:
        return HOSTS[0], [NIGHTLY_MODEL], _in_turn(turn)
    if place == SPREAD:
        return HOSTS[turn % len(HOSTS)], [SPREAD_MODEL], _in_turn(turn)
    return _any(chance)


def _any(chance: random.Random) -> Measured:
    test_types = [COMMON_TYPE, *chance.sample(OTHER_TYPES, TYPES_PER_SESSION - 1)]
    return chance.choice(HOSTS), chance.sample(MODELS, MODELS_PER_SESSION), test_types


def _in_turn(turn: int) -> list[str]:
    """Return the test types of a session of one model. Those of several turns have all types."""
    number = RESULTS_PER_SESSION - 1
    return [COMMON_TYPE, *(OTHER_TYPES[(number * turn + each) % len(OTHER_TYPES)] for each in range(number))]


def _id(at: datetime, chance: random.Random) -> str:
    """Return a UUID of version 7, which begins with its time."""
    milliseconds = int((at - datetime(1970, 1, 1)).total_seconds() * 1000)  # noqa: DTZ001 - as the database keeps times
    tail = (7 << 76) | (chance.getrandbits(12) << 64) | (2 << 62) | chance.getrandbits(62)
    return str(UUID(int=(milliseconds << 80) | tail))


def _machine(number: int) -> Machine:
    inventory = {
        "cpu": {"model": f"AMD Ryzen {number} 7950X 16-Core Processor", "cores": 16, "threads": 32},
        "gpu": [{"model": f"NVIDIA GeForce RTX {3060 + 10 * number}", "driver": "570.86", "memory": 12 << 30}],
        "ram": {"total": 64 << 30},
        "os": {"name": "Debian GNU/Linux 12", "kernel": "6.1.0"},
        "missing": {},
    }
    found = (fingerprint.digest(inventory), fingerprint.fingerprint(inventory))
    return Machine(*found, inventory, fingerprint.text(inventory))


def _metrics(chance: random.Random) -> Json:
    """Return metrics at one point after another, until they are large enough."""
    names = list(METRICS)[:12]
    points: list[Json] = []
    headline = {"name": "tokensPerSecond", "unit": "tokens/s", "point": {"promptTokens": 128}}
    whole = {name: chance.uniform(1, 1000) for name in {*names, "tokensPerSecond", "inferenceTime"}}
    found = {
        **whole,
        "statistics": {name: _statistics(value, chance) for name, value in whole.items()},
        "points": points,
        "headline": headline,
        "finding": "52.1 tokens/s.",
        "verdicts": [],
        "readings": 600,
        "clock": "kernel",
        "runs": {"counted": 10, "rejected": 0, "rejectionRate": 0.0},
        "phases": {},
        "peaks": {},
        "software": None,
    }
    while len(json.dumps(found)) < METRICS_BYTES:
        at = {"promptTokens": 128 << len(points)}
        points.append({"point": at, "runs": 10, "statistics": {n: _statistics(whole[n], chance) for n in names[:6]}})
    return found


def _statistics(value: float, chance: random.Random) -> Json:
    spread = value * chance.uniform(0.01, 0.1)
    around = {name: value + chance.gauss(0, spread) for name in ("median", "mean", "min", "max", "p95", "p99")}
    return {
        "value": value,
        "unit": "tokens/s",
        "n": 10,
        "mad": spread,
        "sd": spread,
        "outliers": [],
        **around,
        "ci95": [value - spread, value + spread],
        "first": {"value": value, "outlier": False},
        "drift": None,
    }
