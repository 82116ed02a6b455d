"""The fleet while it is in use: its pages, its machines' readings, a session that runs, and others that wait."""

import json
import os
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from math import sin
from pathlib import Path
from signal import SIGKILL
from typing import Any

from redis import Redis

from bench.fleet.machines import FLEET, GB, Machine, tags_of
from cli.server.client import Client
from cli.server.configuration import Connection
from common.messaging import streams
from common.messaging.redis import inventory_of, readings_of
from common.messaging.streams import Message
from common.store.database import open_database
from common.values.free_json import Json
from local.processes import Process, start, stop
from local.redis_server import redis_server
from sampler.readings import CpuReading, GpuReading, MemoryReading, OllamaReading
from testbed.ollama_double import OllamaDouble, Timing
from testbed.servers.api_server import api_server
from testbed.servers.stack import settings_of
from testbed.stored.readings import GPU, READING, append_all
from testbed.waiting import until

HOUR_S, STEP_S = 3600, 2
BUSY_S = 420
"""Seconds of a machine's work and of the rest after it, in its last hour."""
BACKGROUND = ("desk", "server")
"""The machines that a session uses while the pages are shown."""
ENDLESS = {"minRepetitions": 1000, "maxRepetitions": 1000, "outputTokens": 128}
WAITING = 2
EVALUATED_S = 600.0
LAYERS = 32
ATTENTION = {"head_count": 32, "head_count_kv": 8, "key_length": 128, "value_length": 128}
"""Numbers of llama3.1:8b, which the doubles report for every model."""


@dataclass(frozen=True)
class ServedFleet:
    """The fleet behind an API at `url`."""

    url: str
    client: Client
    redis: Redis

    def refresh(self) -> None:
        """Publish a reading of each machine now, as its sampler does all the time."""
        for machine in FLEET:
            streams.append(self.redis, reading(machine, 0), readings_of(machine.name), keep=HOUR_S)


@contextmanager
def served_fleet(database: Path) -> Iterator[ServedFleet]:
    """Serve a copy of the database, with evaluated regressions."""
    with ExitStack() as leaving:
        folder = Path(leaving.enter_context(tempfile.TemporaryDirectory()))
        _copy(database, folder / "gait.db")
        redis_url = leaving.enter_context(redis_server(folder / "redis", folder / "redis.log"))
        redis = Redis.from_url(redis_url)
        hosts = {machine.name: leaving.enter_context(_ollama(machine)).url for machine in FLEET}
        settings = settings_of(folder, redis_url, hosts, IDLE_BASELINE="0")
        for machine in FLEET:
            redis.set(inventory_of(machine.name), json.dumps(machine.inventory))
            append_all(redis, _last_hour(machine), machine.name)
        api = leaving.enter_context(api_server(folder, settings))
        fleet = ServedFleet(f"http://{api.address}", Client(Connection(f"http://{api.address}")), redis)
        _evaluate(fleet.client, settings, folder)
        started = [_started("worker", settings, folder) for _ in BACKGROUND]
        leaving.callback(stop, *started)
        _work(fleet)
        yield fleet


def _copy(database: Path, to: Path) -> None:
    """Copy the database as it is, and bring the copy to this release's schema."""
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(to)) as target:
        source.backup(target)
    open_database(f"sqlite:///{to}")


def _ollama(machine: Machine) -> OllamaDouble:
    double = OllamaDouble(*machine.models, timing=Timing(load=900, first=30, read=0.2, each=8))
    double.layers, double.attention = LAYERS, dict(ATTENTION)
    double.sizes = {name: round(size * GB) for name, (size, _) in machine.models.items()}
    double.details = {name: _details(name, bits) for name, (_, bits) in machine.models.items()}
    return double


def _details(name: str, quantisation: str) -> Json:
    _, family, parameters, _, _ = tags_of(name, quantisation)
    return {"family": family, "families": [family], "parameter_size": parameters, "quantization_level": quantisation}


def _evaluate(client: Client, settings: dict[str, str], folder: Path) -> None:
    """Let a scheduler evaluate all sessions."""
    scheduler = _started("scheduler", settings, folder)
    try:
        until(lambda: client.get("/regressions")["unjudged"] == 0, "the evaluation", EVALUATED_S)
    finally:
        stop(scheduler)


def _started(name: str, settings: dict[str, str], folder: Path) -> Process:
    command = [sys.executable, "-m", name]
    return start(command, folder / f"{name}.log", os.environ | settings, parent_death_signal=SIGKILL)


def _work(fleet: ServedFleet) -> None:
    """Submit a session that does not end, and some that wait for it."""
    for host in BACKGROUND:
        for number in range(WAITING):
            body = {"models": ["qwen3:8b", "llama3.1:8b"], "testTypes": ["decode"], "host": host}
            name = "before the update" if number == 0 else "nightly"
            fleet.client.submit({**body, "name": name, "options": {"decode": ENDLESS}})
    until(lambda: all(_is_measuring(fleet.client, host) for host in BACKGROUND), "the sessions to run")


def _is_measuring(client: Client, host: str) -> bool:
    known = {each["name"]: each["session"] for each in client.get("/hosts")["hosts"]}
    return bool(known[host] and known[host]["sessionProgress"])


def _last_hour(machine: Machine) -> list[Message]:
    now = round(time.time() * 1000)
    return [(now - 1000 * ago, reading(machine, ago)) for ago in range(HOUR_S, 0, -STEP_S)]


def reading(machine: Machine, ago: int) -> dict[str, Any]:
    """Return the machine's reading of `ago` seconds ago. It works and rests in turn, and works now."""
    is_busy = machine.name in BACKGROUND and ago // BUSY_S % 2 == 0
    wave = sin(ago / 11) + sin(ago / 3.7)
    cpu = (32 if is_busy else 4) + 1.5 * wave
    gpus = [_gpu(each, wave, is_busy=is_busy) for each in machine.inventory["gpu"]]
    total = machine.inventory["ram"]["total"]
    memory = MemoryReading(total=total, used=total // 5, available=total - total // 5, swap_used=0)
    cores = CpuReading(cpu, (cpu,) * machine.inventory["cpu"]["cores"], 4700.0, 48 + wave)
    ollama = OllamaReading(processes=2, cpu=max(0.0, cpu - 3), memory=total // 10)
    return dict(
        replace(
            READING, host=machine.name, cpu=cores, ollama=ollama, memory=memory, gpus=tuple(gpus), battery=None
        ).message()
    )


def _gpu(inventory: Json, wave: float, *, is_busy: bool) -> GpuReading:
    total = inventory["memory"]
    used = (6 * GB if is_busy else GB // 2) + round(wave * GB / 50)
    load, power = (94 + round(wave), 310 + 8 * wave) if is_busy else (max(0, round(wave)), 28 + wave)
    return replace(
        GPU,
        name=inventory["model"],
        utilization=load,
        memory_used=used,
        memory_total=total,
        memory_ollama=used,
        power=power,
        temperature=round(62 + 2 * wave) if is_busy else 38,
        throttle=(),
        utilization_foreign=0,
    )
