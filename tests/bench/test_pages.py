"""The bench of the pages, in little."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from bench.pages import html, interactions
from bench.pages.sessions import RATES, RUNS, Maker, Plan, every_type
from bench.pages.site import Sizes, plans, site
from common import queries
from common.database import database, initialise, migrate
from common.models import Run, Status, Stretch
from tests.support.chromium import MISSING, chromium, path
from worker.workload import REGISTRY

TINY = Sizes(models=2, types=2, runs=3, seconds=60, nights=2)
FEW = {"minRepetitions": 3, "maxRepetitions": 3}


@pytest.fixture
def maker(tmp_path: Path, redis: Redis) -> Iterator[Maker]:
    initialise(f"sqlite:///{tmp_path}/gait.db")
    migrate()
    with database.connection_context():
        yield Maker(redis)


def test_a_session_is_as_a_worker_leaves_it(maker: Maker) -> None:
    made = queries.session(maker.make(Plan("small", ["llama3.2:1b"], {"decode": FEW, "ttft": FEW})))
    assert made is not None
    assert made.status == Status.COMPLETED
    decode, ttft = made.tests
    assert decode.metrics["runs"]["counted"] == 3
    assert decode.metrics["decodeTokensPerSecond"] == pytest.approx(RATES["llama3.2:1b"], rel=0.1)
    assert decode.metrics["gpuUsage"] > 0
    assert len(ttft.metrics["points"]) > 1
    assert Run.select().where(Run.test == ttft).count() == 3 * len(ttft.metrics["points"])
    assert [line.text for line in decode.log_lines if line.text.startswith("run ")]
    assert Stretch.select().where(Stretch.session == made).count() > 0


def test_tests_that_are_to_fail_do(maker: Maker) -> None:
    plan = Plan("half", ["llama3.2:1b"], {"decode": FEW, "ttft": FEW}, fails=lambda _, test_type: test_type == "ttft")
    decode, ttft = queries.tests(maker.make(plan))
    assert (decode.status, ttft.status) == (Status.COMPLETED, Status.ERROR)
    assert "rejected 4 times" in (ttft.message or "")


def test_every_test_type_is_there_with_ten_runs_and_ten_models() -> None:
    types, failing = every_type(), plans(Sizes())["the same, half of them errors"]
    assert types.keys() == REGISTRY.keys()
    assert {options["minRepetitions"] for name, options in types.items() if name != "sustained"} == {RUNS}
    failed = [failing.fails(model, test_type) for model in failing.models for test_type in failing.types]
    assert sum(failed) == len(failed) / 2
    assert len(plans(Sizes())["15 test types, 10 models"].models) == 10


@pytest.mark.slow
def test_pages_are_served_and_used() -> None:
    if path() is None:
        pytest.skip(MISSING)
    with site(TINY) as gait, chromium() as browser:
        served = list(html.measure(gait, asked=2))
        assert all(one.size >= one.packed > 0 for one in served)
        assert all(one.median > 0 for one in served)
        rows = list(interactions.rows(gait, browser))
    told = {what: seen for what, _, seen in rows}
    assert len(told) == len(rows)
    assert told["1 minutes at 10 Hz: readings zoomed by a button"].endswith(" ms")
    assert "0 charts" in told["2 test types, 2 models: usable without plotly"]
    assert int(told["2 test types, 2 models: scrolled through"].split()[-3]) > 0
