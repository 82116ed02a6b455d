"""The sessions of the fleet: a small one of all models each night, a thorough one now and then, and what happened."""

from collections.abc import Iterator
from math import exp
from random import Random

from bench.fleet.machines import DESK, FLEET, LAPTOP, NAMES, SERVER, Machine, with_driver
from bench.support.modelled.sessions import ModelledHost, Plan
from common.values.free_json import Json

NIGHTS = 40
RUNS = {"minRepetitions": 8, "maxRepetitions": 8}
SMALL: dict[str, Json] = {
    "decode": RUNS | {"outputTokens": 32},
    "ttft": RUNS | {"promptTokens": 256},
    "prefill": RUNS | {"promptTokens": [256, 1024]},
}
FEW = {"minRepetitions": 6, "maxRepetitions": 6, "outputTokens": 32}
LARGE: dict[str, Json] = {
    **SMALL,
    "context-depth": FEW | {"promptTokens": [256, 2048, 8192]},
    "concurrency": {"minRepetitions": 6, "maxRepetitions": 6, "users": [1, 2, 4, 8], "outputTokens": 32},
    "prefix-cache": FEW,
    "cold-start": FEW,
}
"""Test types of a thorough session."""
LARGE_EVERY = 13
FEW_MODELS = ("llama3.2:3b", "qwen3:8b", "llama3.1:8b", "gemma3:12b")
STEP_MS = 2000
SPREAD = 0.006
"""How far sessions lie apart, as a share."""
UPGRADED_AGO, CHANGED = 8, {"qwen3:8b": 1.104, "gemma3:12b": 0.924}
"""On this night before the last, a release of Ollama made models slower or faster by these factors on the desk."""
DRIVER_AGO, FASTER = 20, 0.94
WEEKLY = 0.01
"""The laptop's cooling gets worse, by this share a week."""
LOADED_AGO = (5, 4)
"""Nights on which another program ran on the laptop."""
FAILED_AGO, HOT_AGO = 3, 12
"""Nights on which tests of one model failed on the desk, and on which its GPU was hot."""
MISSED_AGO = (15, 16)
"""Nights on which the server was off."""


def plans(nights: int = NIGHTS) -> Iterator[Plan]:
    """Yield the sessions, oldest first."""
    for ago in range(nights, 0, -1):
        for machine in FLEET:
            if machine is SERVER and ago in MISSED_AGO:
                continue
            yield _small(machine, ago)
            if ago % LARGE_EVERY == 1:
                yield _large(machine, ago)


def _small(machine: Machine, ago: int) -> Plan:
    host = _host(machine, ago)
    fails = ago == FAILED_AGO and machine is DESK
    return Plan(
        "nightly",
        list(host.server.models),
        SMALL,
        lambda model, test_type: fails and model == "gpt-oss:20b" and test_type != "decode",
        STEP_MS,
        days=ago - 0.3,
        host=host,
        tags=("nightly",),
        foreign=35.0 if machine is LAPTOP and ago in LOADED_AGO else 0.0,
        throttled=machine is DESK and ago == HOT_AGO,
    )


def _large(machine: Machine, ago: int) -> Plan:
    host = _host(machine, ago)
    models = [name for name in FEW_MODELS if name in host.server.models]
    return Plan(
        "everything", models, LARGE, step=STEP_MS, days=ago - 0.5, host=host, tags=("everything",), throttled=False
    )


def _host(machine: Machine, ago: int) -> ModelledHost:
    """Return the machine as it was on that night before now."""
    common = exp(SPREAD * Random(f"{machine.name} {ago}").gauss(0, 1))  # noqa: S311 - noise, not a secret
    slower, release = 1.0, "0.12.3"
    if machine is LAPTOP:
        slower += WEEKLY * (NIGHTS - ago) / 7
    if machine is SERVER and ago <= DRIVER_AGO:
        slower, machine = FASTER, with_driver(machine, "570.86")
    if machine is DESK and ago <= UPGRADED_AGO:
        release = "0.12.6"
    factors = dict.fromkeys(NAMES, common * slower)
    if release == "0.12.6":
        factors |= {name: factors[name] * factor for name, factor in CHANGED.items()}
    return machine.host(release, factors)
