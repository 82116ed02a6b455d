"""Tests in the database with runs at several points, and their metrics as a worker computes them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import uuid_utils

from common.catalogue.metrics import METRICS
from common.stats import summary
from common.store.changes import claims, writes
from common.store.tables import Session, Test
from common.values.free_json import Json
from testbed.stored.inventory import INVENTORY
from testbed.stored.sessions import finished_run, store
from tests.support.stored.sessions import claimed, model

Points = Sequence[tuple[Json, Sequence[Json]]]
"""Each point with the metrics of its runs."""


@dataclass(frozen=True)
class Plan:
    """The results of one test type. The last point gives the test's metrics. A test with a `failure` fails with it."""

    headline: str
    points: Points
    options: Json = field(default_factory=dict)
    verdicts: Sequence[Json] = ()
    overall: Json = field(default_factory=dict)
    failure: str | None = None
    record: Mapping[str, Any] = field(default_factory=dict)


def decode(*rates: float, **more: Any) -> Plan:
    """Return runs of the type `decode` with these rates."""
    return Plan("decodeTokensPerSecond", [({}, [{"decodeTokensPerSecond": rate} for rate in rates])], **more)


def prefill(points: Mapping[int, Sequence[float]], **more: Any) -> Plan:
    """Return runs of the type `prefill` with the rates at each number of prompt tokens."""
    sizes = [({"promptTokens": size}, [{"promptTokensPerSecond": rate} for rate in of]) for size, of in points.items()]
    return Plan("promptTokensPerSecond", sizes, {"promptTokens": list(points)}, **more)


def measured(
    plans: Mapping[str, Plan],
    models: Sequence[str] = ("tiny:latest",),
    *,
    ollama: str = "0.9.3",
    inventory: Any = INVENTORY,
    **values: Any,
) -> Session:
    """Store a finished session of these test types, the same for all models."""
    session = begun(plans, models, **values)
    claim, tests = claimed(session, inventory, ollama=ollama)
    for test in tests:
        end(claim, test, plans[test.test_type])
    writes.finish_session(claim)
    return session


def begun(plans: Mapping[str, Plan], models: Sequence[str] = ("tiny:latest",), **values: Any) -> Session:
    """Store a queued session of these test types."""
    new = writes.NewSession(
        id=str(uuid_utils.uuid7()),
        host="local",
        models=[model(name) for name in models],
        test_types={name: plan.options for name, plan in plans.items()},
        request_digest="0" * 64,
        **values,
    )
    return store(new)


def end(claim: claims.Claim, test: Test, plan: Plan) -> None:
    """Store the runs and the end of a test."""
    writes.log(claim, test, f"{test.test_type} of {test.model} begins")
    for point, runs in plan.points:
        for repetition, run in enumerate(runs, start=1):
            writes.save_run(claim, finished_run(test, repetition, run, dict(plan.record), point))
    if plan.failure:
        writes.fail_test(claim, test, plan.failure)
    else:
        writes.complete_test(claim, test, metrics(plan))


def metrics(plan: Plan) -> Json:
    """Return the metrics of a test."""
    points: list[Json] = [
        {"point": point, "runs": len(runs), "statistics": distributions(runs)} for point, runs in plan.points
    ]
    main = points[-1]
    return {
        **{name: distribution["value"] for name, distribution in main["statistics"].items()},
        **plan.overall,
        "headline": {"name": plan.headline, "unit": METRICS[plan.headline].unit, "point": main["point"]},
        "statistics": main["statistics"],
        "points": points if len(points) > 1 else [],
        "runs": {"counted": sum(len(runs) for _, runs in plan.points), "rejected": 0, "rejectionRate": 0.0},
        "verdicts": list(plan.verdicts),
        "finding": f"{METRICS[plan.headline].label} is as it is.",
    }


def distributions(runs: Sequence[Json]) -> Json:
    """Return the distribution of each metric."""
    names = dict.fromkeys(name for run in runs for name in run)
    samples = {name: [run[name] for run in runs if run.get(name) is not None] for name in names}
    return {name: summary.summarise(values, METRICS[name].unit) for name, values in samples.items() if values}
