"""Reads of the past, on both databases."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from common.catalogue.test_type import Point
from common.store.changes import circumstances, writes
from common.store.earlier import history, samples
from common.store.reads import sessions
from common.store.reads.lists import sessions as lists
from common.store.reads.lists.sessions import SessionFilter
from common.store.tables import Result, Session, Test
from testbed.stored.sessions import OPTIONS, claim, create, finished_run, model

pytestmark = pytest.mark.usefixtures("tables")

DAY = datetime(2026, 3, 1, 12)  # noqa: DTZ001 - as the database keeps times
MACHINE = {"cpu": {"model": "Ryzen"}, "gpu": []}


def measured(
    values: dict[int, list[float]], *, points: tuple[Point, ...] = (), main: Point | None = None, **changed: Any
) -> Session:
    """Return a session whose tests have these rates in the runs at each point."""
    session = create(**changed)
    mine = claim(session)
    circumstances.describe_machine(mine, MACHINE, "0.9.3")
    for test in sessions.tests(session.id):
        for number, of_point in values.items():
            for repetition, value in enumerate(of_point):
                conditions = points[number] if points else {}
                writes.save_run(mine, finished_run(test, repetition, {"rate": value, "unknown": None}, {}, conditions))
        metrics = {
            "headline": {"name": "rate", "unit": "tokens/s", "point": main or {}},
            "points": [{"point": point, "runs": 1, "statistics": {}} for point in points],
            "statistics": {"rate": {"value": values[0][0], "n": len(values[0]), "ci95": None}},
        }
        writes.complete_test(mine, test, metrics)
    writes.finish_session(mine)
    return session


def completed_at(session: Session, moment: datetime) -> None:
    Test.update(finished_at=moment).where(Test.session == session.id).execute()


def test_a_test_is_known_by_the_software_that_it_was_measured_with() -> None:
    """Tests of one session may differ, and those of earlier releases have only what their session began with."""
    session, earlier = measured({0: [1.0]}), measured({0: [2.0]})
    software = {"digest": "f" * 64, "ollamaVersion": "0.9.4", "settings": {"OLLAMA_NUM_PARALLEL": "4"}}
    (test,) = sessions.tests(session.id)
    Result.update(software=software).where(Result.test == test).execute()
    found = {entry.session_id: entry for entry in history.history("tiny:latest", "decode", "rate")}
    new, old = found[session.id], found[earlier.id]
    assert (new.ollama_version, new.model["digest"], new.settings) == ("0.9.4", "f" * 64, software["settings"])
    assert (old.ollama_version, old.model["digest"], old.settings) == ("0.9.3", model()["digest"], None)
    [sample] = samples.samples([session.id])
    assert sample.software == software


# Sessions beside each other


def test_sessions_come_oldest_first_with_their_machine() -> None:
    one, other = measured({0: [1.0]}, name="one"), create(name="other")
    found = samples.sessions([other.id, "gone", one.id])
    assert [session.name for session in found] == ["one", "other"]
    assert [session.hardware and session.hardware.inventory for session in found] == [MACHINE, None]


def test_a_test_comes_with_one_value_a_run_at_each_point() -> None:
    points: tuple[Point, ...] = ({"promptTokens": 128}, {"promptTokens": 512})
    session = measured({0: [3.0, 1.0, 2.0], 1: [9.0]}, points=points, main={"promptTokens": 512})
    [found] = samples.samples([session.id])
    assert (found.model, found.test_type, found.headline, found.main) == ("tiny:latest", "decode", "rate", 1)
    assert found.points == list(points)
    assert [found.at(point, "rate") for point in points] == [{0: 3.0, 1: 1.0, 2: 2.0}, {0: 9.0}]
    assert found.options == OPTIONS


def test_a_test_that_did_not_complete_has_no_numbers() -> None:
    session = create(test_types={"decode": OPTIONS, "ttft": OPTIONS})
    mine, tests = claim(session), sessions.tests(session.id)
    writes.fail_test(mine, tests[0], "out of memory")
    failed, waiting = samples.samples([session.id])
    assert (failed.status, failed.message, failed.headline, failed.points) == ("error", "out of memory", None, ())
    assert waiting.status == "running"


def test_a_test_is_read_again_when_it_has_completed() -> None:
    session = create()
    assert samples.samples([session.id])[0].headline is None
    mine, (test,) = claim(session), sessions.tests(session.id)
    writes.save_run(mine, finished_run(test, 0, {"rate": 5.0}))
    writes.complete_test(mine, test, {"headline": {"name": "rate", "point": {}}})
    assert samples.samples([session.id])[0].at({}, "rate") == {0: 5.0}
    assert samples.samples([session.id]) == samples.samples([session.id])
    writes.delete_session(session.id)
    assert samples.samples([session.id]) == []


def test_what_can_be_chosen_is_the_newest_that_matches() -> None:
    for number in range(3):
        create(name=f"night {number}")
    create(name="day")
    found = lists.newest(SessionFilter(search="night"), 2)
    assert [(session.name, session.models[0]["name"]) for session in found] == [
        ("night 2", "tiny:latest"),
        ("night 1", "tiny:latest"),
    ]


# Histories


def test_models_and_types_are_those_that_have_completed() -> None:
    assert (history.models(), history.newest()) == ([], None)
    measured({0: [1.0]}, models=[model("b:1"), model("a:1")], test_types={"ttft": OPTIONS, "decode": OPTIONS})
    measured({0: [1.0]}, models=[model("a:1")], test_types={"prefill": OPTIONS})
    create(models=[model("waiting:1")])
    assert history.models() == ["a:1", "b:1"]
    assert history.test_types("a:1") == ["decode", "prefill", "ttft"]
    assert history.test_types("waiting:1") == []
    assert history.newest() == ("a:1", "prefill")


def test_a_history_is_the_newest_of_the_window_oldest_first() -> None:
    made = [measured({0: [float(number)]}, name=str(number), host="a" if number % 2 else "b") for number in range(5)]
    measured({0: [9.0]}, models=[model("other:1")])
    for number, session in enumerate(made):
        completed_at(session, DAY + timedelta(days=number))

    def names(**wanted: Any) -> str:
        found = history.history("tiny:latest", "decode", "rate", **wanted)
        return "".join(moment.session_name or "?" for moment in found)

    assert names() == "01234"
    assert names(limit=2) == "34"
    assert names(host="a") == "13"
    assert names(start=DAY + timedelta(days=1), end=DAY + timedelta(days=3)) == "123"
    assert names(end=DAY + timedelta(days=3), limit=2) == "23"


def test_a_moment_has_what_its_number_depends_on() -> None:
    session = measured({0: [5.0, 6.0]}, models=[model("tiny:latest"), model("b:1")], main={"users": 2})
    [found] = history.history("tiny:latest", "decode", "rate")
    assert found.statistic is not None
    assert (found.statistic["value"], found.statistic["n"], found.statistic["ci95"]) == (5.0, 2, None)
    assert (found.session_id, found.ollama_version, found.inventory) == (session.id, "0.9.3", MACHINE)
    assert (found.model["name"], found.point, found.options) == ("tiny:latest", {"users": 2}, OPTIONS)
    [without] = history.history("tiny:latest", "decode", "nothing")
    assert without.statistic is None
