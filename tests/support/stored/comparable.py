"""Finished sessions with runs in the database, as a worker stores them."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import uuid_utils

from common.catalogue.test_type import Point
from common.stats.distribution import Distributions
from common.stats.summary import summarise
from common.store.changes import circumstances, claims, writes
from common.store.reads import sessions
from common.store.tables import Order, Session, Test
from common.values.free_json import Json
from testbed.stored.inventory import INVENTORY
from testbed.stored.sessions import finished_run, store
from tests.support.stored.sessions import TYPES, model

STEADY = (99.0, 100.0, 101.0, 100.5, 99.5, 100.2, 99.8, 100.0)

SLOWER = tuple(value * 0.9 for value in STEADY)

Rates = dict[str, dict[int, tuple[float, ...]]]
"""Rates of the runs, by model and point number."""


TINY = "tiny:latest"
DAY = datetime(2026, 3, 1, 12)  # noqa: DTZ001 - as the database keeps times


def nightly() -> Iterator[datetime]:
    """Yield the times at which sessions end, one a day."""
    return (DAY + timedelta(days=number) for number in range(100))


def at(factor: float, runs: int = 8) -> Rates:
    """Return steady rates of one model, times a factor."""
    return {TINY: {0: tuple(value * factor for value in (STEADY * 3)[:runs])}}


def nights(days: Iterator[datetime], factors: list[float], **changed: Any) -> list[Session]:
    """Store a session a night, each with its factor."""
    return [session(f"{factor}", at(factor), at=next(days), **changed) for factor in factors]


def session(  # noqa: PLR0913 - all that may differ between two sessions
    name: str,
    rates: Rates,
    *,
    points: tuple[Point, ...] = (),
    options: Json | None = None,
    inventory: Json | None = INVENTORY,
    ollama: str = "0.9.3",
    host: str = "local",
    at: datetime | None = None,
    digest: str = "0123456789ab" * 5,
    order: Order = Order.SEQUENTIAL,
    engine: str | None = None,
    in_blocks: bool = False,
) -> Session:
    """Store a finished session of `decode`, measured point by point or `in_blocks`."""
    new = writes.NewSession(
        id=str(uuid_utils.uuid7()),
        name=name,
        host=host,
        models=[{**model(one), "digest": digest} for one in rates],
        test_types={"decode": TYPES[0].resolve(options or {})},
        request_digest="0" * 64,
        order=order,
    )
    stored = store(new)
    claim = claims.Claim(stored.id, "worker")
    claims.take(claim)
    circumstances.describe_machine(claim, inventory, ollama)
    for test in sessions.tests(stored.id):
        _measure(claim, test, rates[test.model], points, engine, in_blocks=in_blocks)
    writes.finish_session(claim)
    if at:
        Test.update(finished_at=at).where(Test.session == stored.id).execute()
    return stored


def _measure(  # noqa: PLR0913 - what a test is made of
    claim: claims.Claim,
    test: Test,
    rates: dict[int, tuple[float, ...]],
    points: tuple[Point, ...],
    engine: str | None,
    *,
    in_blocks: bool,
) -> None:
    runs = [(point, repetition, value) for point, of in rates.items() for repetition, value in enumerate(of)]
    for point, repetition, value in sorted(runs, key=lambda run: run[1]) if in_blocks else runs:
        metrics_of_run = {"decodeTokensPerSecond": value, "inferenceTime": 1000 / value, "loadTime": None}
        conditions = points[point] if points else {}
        writes.save_run(claim, finished_run(test, repetition, metrics_of_run, {"rejected": []}, conditions))
    found = [_statistics(values) for values in rates.values()]
    metrics = {
        **{name: distribution["value"] for name, distribution in found[0].items()},
        "headline": {"name": "decodeTokensPerSecond", "unit": "tokens/s", "point": points[0] if points else {}},
        "points": [
            {"point": point, "runs": 5, "statistics": of_point} for point, of_point in zip(points, found, strict=False)
        ],
        "statistics": found[0],
        "software": engine and {"digest": None, "ollamaVersion": None, "settings": None, "engine": engine},
    }
    writes.complete_test(claim, test, metrics)


def _statistics(values: tuple[float, ...]) -> Distributions:
    return {"decodeTokensPerSecond": summarise(values, "tokens/s")}
