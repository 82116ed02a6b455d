"""The benchmark of the pages, with little data."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from bench.pages import html, interactions
from bench.pages.interactions import Row
from bench.pages.setup import Sizes, pages_setup, plans
from bench.support.modelled.sessions import RATES, RUNS, Maker, Plan, every_type
from common.store.database import database, open_database
from common.store.reads import sessions
from common.store.tables import ReadingChunk, Run, Status
from testbed.chromium import MISSING, chromium, is_available
from worker.workload.test_type import WORKLOADS

TINY = Sizes(models=2, types=2, runs=3, seconds=60, nights=2)
FEW = {"minRepetitions": 3, "maxRepetitions": 3}


@pytest.fixture
def maker(tmp_path: Path, redis: Redis) -> Iterator[Maker]:
    open_database(f"sqlite:///{tmp_path}/gait.db")
    with database.connection_context():
        yield Maker(redis)


def test_a_session_is_as_a_worker_leaves_it(maker: Maker) -> None:
    made = sessions.session(maker.make(Plan("small", ["llama3.2:1b"], {"decode": FEW, "ttft": FEW})))
    assert made is not None
    assert made.status == Status.COMPLETED
    decode, ttft = made.tests
    metrics = sessions.metrics([decode.id, ttft.id])
    fast, long = metrics[decode.id], metrics[ttft.id]
    assert fast.runs == {"counted": 3, "rejected": 0, "rejectionRate": 0.0}
    assert fast.get("decodeTokensPerSecond") == pytest.approx(RATES["llama3.2:1b"], rel=0.1)
    assert (fast.get("gpuUsage") or 0.0) > 0
    assert len(long.points) > 1
    assert Run.select().where(Run.test == ttft).count() == 3 * len(long.points)
    assert [line.text for line in decode.log_lines if line.text.startswith("run ")]
    assert ReadingChunk.select().where(ReadingChunk.session == made).count() > 0


def test_tests_that_are_to_fail_do(maker: Maker) -> None:
    plan = Plan("half", ["llama3.2:1b"], {"decode": FEW, "ttft": FEW}, fails=lambda _, test_type: test_type == "ttft")
    decode, ttft = sessions.tests(maker.make(plan))
    assert (decode.status, ttft.status) == (Status.COMPLETED, Status.ERROR)
    assert "rejected 4 times" in (ttft.message or "")


def test_every_test_type_is_there_with_ten_runs_and_ten_models() -> None:
    types, failing = every_type(), plans(Sizes())["half of it errors"]
    assert types.keys() == WORKLOADS.keys()
    repeated = types.keys() - {"sustained", "capacity"}
    assert {types[name]["minRepetitions"] for name in repeated} == {RUNS}
    failed = [failing.fails(model, test_type) for model in failing.models for test_type in failing.types]
    assert sum(failed) == len(failed) / 2
    assert len(plans(Sizes())[f"{len(types)} types × 10 models"].models) == 10


@pytest.mark.slow
def test_pages_are_served_and_used() -> None:
    if not is_available():
        pytest.skip(MISSING)
    with pages_setup(TINY) as gait, chromium() as browser:
        served = list(html.measure(gait, repeats=2))
        assert all(one.size >= one.packed > 0 for one in served)
        assert all(one.median > 0 for one in served)
        rows = list(interactions.rows(gait, browser))
    results = {(row.page, row.what): row.result for row in rows}
    assert len(results) == len(rows)
    for name in gait.sessions:
        assert results[name, "charts by then"] == "0"
        assert results[name, "readings zoomed by a button"].endswith(" ms")
    assert results["new session", "a model ticked"].endswith(" ms")


def test_a_table_has_a_column_for_each_page() -> None:
    rows = [
        Row("one", "opened", "< 100 ms", "16 ms"),
        Row("two", "opened", "< 100 ms", "24 ms"),
        Row("two", "drawn", "", "3"),
    ]
    assert interactions.table(rows).splitlines() == [
        "| what | wanted | one | two |",
        "| --- | --- | --- | --- |",
        "| opened | < 100 ms | 16 ms | 24 ms |",
        "| drawn |  |  | 3 |",
    ]
