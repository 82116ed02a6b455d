"""Sessions in the database as a worker leaves them, measured by the worker's own code on a modelled server."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from unittest.mock import patch

import uuid_utils
from redis import Redis

from bench.support.modelled import ollama as modelled_ollama
from bench.support.modelled.machine import ModelledMachine, ModelledMonitor
from bench.support.modelled.ollama import ModelledDriver, ModelledModel, ModelledOllama, ModelledServer
from common.errors import TestFailure
from common.store.changes import circumstances, claims, writes
from common.store.changes.claims import Claim
from common.store.changes.writes import NewSession
from common.store.database import database
from common.store.reads import sessions
from common.store.search_tables import Series
from common.store.tables import Session, Test
from common.values.free_json import Json
from common.values.units import NS_PER_MS, epoch_ms, moment, now
from testbed.single_test import blocks_of
from testbed.stored.inventory import INVENTORY
from testbed.stored.sessions import store
from worker import test_types  # noqa: F401 - registers the test types
from worker.procedure.progress import TestProgress
from worker.procedure.test_runner import TestRunner
from worker.test_types import concurrency, open_loop
from worker.workload.test_type import WORKLOADS
from worker.workload.traffic import level_probes

HOST = "local"
CLAIM = "bench"
RUNS = 10
RATES = {
    "llama3.2:1b": 148.0,
    "llama3.2:3b": 96.0,
    "qwen3:4b": 81.0,
    "qwen3:8b": 52.0,
    "gemma3:4b": 88.0,
    "gemma3:12b": 37.0,
    "mistral:7b": 58.0,
    "phi4:14b": 31.0,
    "deepseek-r1:8b": 50.0,
    "granite3.3:8b": 47.0,
    "smollm2:1.7b": 120.0,
}
"""Tokens per second of each modelled model."""


@dataclass(frozen=True)
class ModelledHost:
    """A host on a machine of its own."""

    name: str
    inventory: Json
    server: ModelledServer
    gpu: str | None


LOCAL = ModelledHost(
    HOST, INVENTORY, ModelledServer({name: ModelledModel(rate) for name, rate in RATES.items()}), "RTX 4090"
)
FAILURE = "Run 3 was rejected 4 times. Last reason: output-length (outputTokens 31, wanted 64): the model ended early"
MINUTES_S = 600
SHORT_S = 60
SLOW_STEP_MS, STEP_MS = 500, 100


@dataclass(frozen=True)
class Plan:
    """A session to make. Tests for which `fails` is true end with an error.

    The machine is read every `step` ms, and the session is `days` old. Other programs use `foreign` percent of its CPU.
    Its GPU is `throttled` or not.
    """

    name: str
    models: Sequence[str]
    types: Mapping[str, Json]
    fails: Callable[[str, str], bool] = lambda *_: False
    step: int = SLOW_STEP_MS
    days: float = 0.5
    host: ModelledHost = LOCAL
    tags: tuple[str, ...] = ("bench",)
    foreign: float = 0.0
    throttled: bool = True


@dataclass
class SilentProgress(TestProgress):
    """Progress of a test that is stored but not published."""

    def _publish(self, **more: object) -> None:
        pass


@dataclass(frozen=True)
class Maker:
    """Makes sessions in this process's database."""

    redis: Redis
    made: list[str] = field(default_factory=list)

    def make(self, plan: Plan) -> str:
        """Make a session and return its id."""
        with database.atomic(), _modelled_load():
            session = _created(plan)
            claim = Claim(session.id, CLAIM)
            claims.take(claim)
            circumstances.describe_machine(claim, plan.host.inventory, plan.host.server.release)
            begin = epoch_ms(now() - timedelta(days=plan.days))
            ollama = ModelledOllama(plan.host.server, begin * NS_PER_MS, len(self.made))
            machine = ModelledMachine(begin, plan.step, plan.host.gpu, plan.foreign, plan.throttled, ollama)
            for test in sessions.tests(session.id):
                failure = FAILURE if plan.fails(test.model, test.test_type) else None
                self._measure(claim, test, ModelledDriver(ollama, failure), machine)
            machine.store(claim)
            writes.finish_session(claim)
            _date(session, moment(ollama.now_ns // NS_PER_MS))
        self.made.append(session.id)
        return str(session.id)

    def _measure(self, claim: Claim, test: Test, driver: ModelledDriver, machine: ModelledMachine) -> None:
        workload, progress = WORKLOADS[test.test_type](), SilentProgress(self.redis, claim, test, {})
        monitor = ModelledMonitor(self.redis, progress.test.host or HOST, 0.0, machine=machine, server=driver.modelled)
        runner = TestRunner(workload, driver, test.options, progress, monitor, lambda: None)
        try:
            for _ in blocks_of(runner):
                pass
        except TestFailure as error:
            progress.log(f"failed: {error}")
            writes.fail_test(claim, test, str(error))
        else:
            writes.complete_test(claim, test, runner.metrics.as_json())


def _created(plan: Plan) -> Session:
    models = [
        {
            "name": model.name,
            "version": model.version,
            "digest": model.digest,
            "size": model.size,
            "tags": list(plan.host.server.models[model.name].tags),
        }
        for model in ModelledOllama(plan.host.server, 0, 0).models()
        if model.name in plan.models
    ]
    resolved = {name: WORKLOADS[name].test_type.resolve(dict(options)) for name, options in plan.types.items()}
    new = NewSession(str(uuid_utils.uuid7()), plan.host.name, models, resolved, "0" * 64)
    return store(replace(new, name=plan.name, tags=plan.tags))


def _date(session: Session, ended: datetime) -> None:
    """Date the session by the modelled server's clock."""
    Session.update(created_at=ended, started_at=ended, finished_at=ended).where(Session.id == session.id).execute()
    begun = ended - timedelta(minutes=1)
    Test.update(started_at=begun, finished_at=ended).where(Test.session == session).execute()
    Series.update(newest_at=ended).where(Series.newest == session.id).execute()


@contextmanager
def _modelled_load() -> Iterator[None]:
    """Compute the load of many users instead of waiting for it."""
    with (
        patch.object(level_probes, "closed_loop", modelled_ollama.closed_loop),
        patch.object(level_probes, "open_loop", modelled_ollama.open_loop),
        patch.object(concurrency, "closed_loop", modelled_ollama.closed_loop),
        patch.object(open_loop, "closed_loop", modelled_ollama.closed_loop),
        patch.object(open_loop, "open_loop", modelled_ollama.open_loop),
    ):
        yield


def every_type(runs: int = RUNS, seconds: int = SHORT_S) -> dict[str, Json]:
    """Return all test types with options for this many runs, or seconds."""
    wanted = {"minRepetitions": runs, "maxRepetitions": runs, "durationSeconds": seconds, "maxSeconds": 1}
    known = {name: {option.name for option in kind.test_type.options} for name, kind in WORKLOADS.items()}
    return {name: {key: value for key, value in wanted.items() if key in options} for name, options in known.items()}
