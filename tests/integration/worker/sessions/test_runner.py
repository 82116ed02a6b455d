"""Sessions from claim to end."""

import json
import struct
from itertools import groupby
from typing import Any

import pytest
import requests
from peewee import DataError
from redis import Redis
from redis.exceptions import RedisError

from common.errors import ClaimLost, ShutdownRequested, Unavailable
from common.messaging import streams
from common.messaging.counts import durations
from common.messaging.redis import PROGRESS, inventory_of
from common.store.reads import sessions
from common.store.tables import Hardware, LogLine, Order, Phase, Run, Session, Status, Test
from testbed.ollama_double import OllamaDouble, Script, Timing
from testbed.stored.sessions import OPTIONS, claim, create, model
from tests.integration.worker.sessions.session_lab import INVENTORY, TYPES, Lab, endings, of_types
from worker.procedure.blocks import shuffled
from worker.sessions.runner import SessionRunner
from worker.workload.test_type import WORKLOADS

pytestmark = [pytest.mark.usefixtures("tables"), pytest.mark.slow]

SECRET = "once upon a time"


def test_a_whole_session(lab: Lab) -> None:
    session = of_types(*TYPES, models=("tiny:latest", "small:latest"))
    ended = lab.run(session)
    assert (ended.status, ended.phase, ended.message) == (Status.COMPLETED, Phase.FINISHED, None)
    tests = sessions.tests(session.id)
    assert [test.status for test in tests] == [Status.COMPLETED] * 8
    assert all(test.metrics and test.metrics["statistics"] for test in tests)
    assert all(test.started_at and test.finished_at for test in tests)
    assert all(LogLine.select().where(LogLine.test == test).count() > 2 for test in tests)
    messages = lab.messages(session)
    assert endings(messages) == [("complete", test.model, test.test_type) for test in tests]
    assert messages == [m for _, m in streams.read(lab.redis, PROGRESS)]
    assert [m["log"] for m in messages if "log" in m] == [line.text for line in LogLine.select().order_by(LogLine.id)]
    assert [m["session"]["completedTests"] for m in messages if m["type"] == "complete"] == list(range(1, 9))
    counted = durations.test_durations(lab.redis)
    assert {key: sum(found.counts.values()) for key, found in counted.items()} == {(t, "completed"): 2 for t in TYPES}


def test_each_model_has_the_memory_to_itself(lab: Lab) -> None:
    session = of_types("decode", models=("tiny:latest", "small:latest"))
    lab.run(session)
    tiny, small = sessions.tests(session.id)
    lines = [line.text for line in LogLine.select().where(LogLine.test == small)]
    assert "tiny:latest unloaded to free memory for small:latest" in lines
    for test in (tiny, small):
        assert "other-model" not in {verdict["name"] for verdict in (test.metrics or {})["verdicts"]}


def test_models_that_take_turns_share_their_blocks(lab: Lab) -> None:
    options = OPTIONS | {"minRepetitions": 3, "maxRepetitions": 3}
    types = {"decode": options, "ttft": options | {"promptTokens": [64, 96]}}
    session = create(models=[model("tiny:latest"), model("small:latest")], test_types=types, order=Order.INTERLEAVED)
    assert lab.run(session).status == Status.COMPLETED
    tests = {test.id: test for test in sessions.tests(session.id)}
    runs = list(Run.select().order_by(Run.id))
    for kind, points in (("decode", 1), ("ttft", 2)):
        taking_turns = [test.id for test in tests.values() if test.test_type == kind]
        assert [(run.repetition, run.test_id) for run in runs if run.test_id in taking_turns] == [
            (block, test)
            for block in (1, 2, 3)
            for test in shuffled(taking_turns, int, f"{session.id} {kind} {block}")
            for _ in range(points)
        ]
    for run in runs:  # each model is alone in memory, and warm
        assert [loaded["name"] for loaded in run.record["loaded"]] == [tests[run.test_id].model]
        assert not run.record["rejected"]


def test_runs_that_must_follow_each_other_do_not_alternate(lab: Lab) -> None:
    options = {"durationSeconds": 1, "outputTokens": 16, "contextLength": 512}
    lab.double.timing = Timing(first=50, each=5)
    models = [model("tiny:latest"), model("small:latest")]
    lab.run(create(models=models, test_types={"sustained": options}, order=Order.INTERLEAVED))
    order = [run.test.model for run in Run.select(Run, Test).join(Test).order_by(Run.id)]
    assert [name for name, _ in groupby(order)] == ["tiny:latest", "small:latest"]
    assert len(order) > 2


def test_one_of_the_models_that_take_turns_may_fail(lab: Lab) -> None:
    lab.double.models = ("tiny:latest",)
    session = create(models=[model("tiny:latest"), model("small:latest")], order=Order.INTERLEAVED)
    assert lab.run(session).status == Status.COMPLETED
    there, missing = sessions.tests(session.id)
    assert (there.status, missing.status) == (Status.COMPLETED, Status.ERROR)
    whole = [m["session"]["progress"] for m in lab.messages(session)]
    assert whole == sorted(whole)
    assert whole[-1] == 100


def test_progress_never_falls(lab: Lab) -> None:
    session = of_types("decode", "ttft")
    lab.run(session)
    messages = lab.messages(session)
    whole = [m["session"]["progress"] for m in messages]
    assert whole == sorted(whole)
    assert (whole[0], whole[-1]) == (0, 100)
    for test_type in ("decode", "ttft"):
        single = [m["progress"] for m in messages if m["testType"] == test_type]
        assert single == sorted(single)
        assert single[-1] == 100


def test_the_last_message_comes_when_the_result_can_be_read(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    session = of_types("decode", "ttft")
    at_message: list[tuple[str, str, int]] = []
    append = streams.append

    def look(redis: Redis, message: dict[str, Any], *to: str, keep: int) -> int:
        done = sum(test.status != Status.RUNNING for test in sessions.tests(session.id))
        at_message.append((message["type"], Session.get_by_id(session.id).status, done))
        return append(redis, message, *to, keep=keep)

    monkeypatch.setattr(streams, "append", look)
    lab.run(session)
    ends = [(status, done) for kind, status, done in at_message if kind == "complete"]
    assert ends == [(Status.RUNNING, 1), (Status.COMPLETED, 2)]
    assert lab.messages(session)[-1]["session"]["status"] == "completed"


def test_a_failing_test_does_not_stop_the_next(lab: Lab) -> None:
    session = of_types("decode", "ttft")
    lab.double.order(Script(status=400, error="out of memory"))
    ended = lab.run(session)
    assert (ended.status, ended.message) == (Status.COMPLETED, "1 of 2 tests failed; each says why")
    failed, completed = sessions.tests(session.id)
    assert (failed.status, failed.metrics, completed.status) == (Status.ERROR, None, Status.COMPLETED)
    assert "out of memory" in (failed.message or "")
    error, _ = [m for m in lab.messages(session) if m["type"] != "progress"]
    assert (error["type"], error["error"]) == ("error", failed.message)
    assert LogLine.select().where(LogLine.test == failed, LogLine.text.startswith("failed: ")).exists()


@pytest.mark.parametrize(
    "error", [KeyError(SECRET), RecursionError(SECRET), DataError(SECRET), requests.Timeout(SECRET), struct.error()]
)
def test_any_error_of_a_test_type_ends_its_test_alone(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(WORKLOADS["decode"], "warm_up", fail)
    session = of_types("decode", "ttft")
    assert lab.run(session).status == Status.COMPLETED
    failed, completed = sessions.tests(session.id)
    assert (failed.status, completed.status) == (Status.ERROR, Status.COMPLETED)
    place = "in tests/integration/worker/sessions/test_runner.py, line"
    assert (failed.message or "").startswith(f"The worker failed: {type(error).__name__} {place} ")
    lines = [line.text for line in LogLine.select()] + [json.dumps(message) for message in lab.messages(session)]
    assert not [line for line in [*lines, failed.message] if SECRET in (line or "")]


@pytest.mark.parametrize("interruption", [ClaimLost(), ShutdownRequested(), Unavailable(), RedisError()])
def test_an_interruption_ends_no_test(lab: Lab, monkeypatch: pytest.MonkeyPatch, interruption: Exception) -> None:
    def interrupt(*_: object) -> None:
        raise interruption

    monkeypatch.setattr(WORKLOADS["decode"], "warm_up", interrupt)
    session = of_types("decode", "ttft")
    with pytest.raises(type(interruption)):
        lab.run(session)
    assert {test.status for test in sessions.tests(session.id)} == {Status.RUNNING}


def test_a_missing_model_is_named_in_the_error(lab: Lab) -> None:
    lab.double.models = ("small:latest",)
    session = of_types("decode", models=("tiny:latest", "small:latest"))
    assert lab.run(session).status == Status.COMPLETED
    missing, there = sessions.tests(session.id)
    assert (missing.status, there.status) == (Status.ERROR, Status.COMPLETED)
    advice = "Pull it there, then run the session again."
    assert missing.message == f"Host local no longer has the model tiny:latest. {advice}"


def test_an_unavailable_server_fails_each_test_and_the_session(lab: Lab) -> None:
    session = of_types("decode", "ttft")
    with OllamaDouble() as gone:
        url = gone.url
    taken = claim(session)
    SessionRunner(lab.redis, taken, session, url, resumed=False, checkpoint=lambda: None).run()
    ended = Session.get_by_id(session.id)
    assert (ended.status, ended.ollama_version) == (Status.ERROR, None)
    assert all(f"Ollama at {url} cannot be reached" in (test.message or "") for test in sessions.tests(session.id))
    assert [kind for kind, *_ in endings(lab.messages(session))] == ["error", "error"]


def test_a_test_type_that_this_release_does_not_know_is_an_error(lab: Lab) -> None:
    session = of_types("decode", "time-travel")
    assert lab.run(session).status == Status.COMPLETED
    assert "Test type time-travel is unknown to this worker" in (sessions.tests(session.id)[1].message or "")


def test_the_machine_is_stored(lab: Lab) -> None:
    lab.redis.set(inventory_of("local"), json.dumps(INVENTORY))
    ended = lab.run(of_types("decode"))
    assert ended.ollama_version == "0.9.3"
    assert ended.hardware == Hardware.get()
    assert Hardware.get().inventory == INVENTORY
