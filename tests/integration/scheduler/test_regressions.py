"""Regressions are found when a session has ended, reported once, and once more when they are over."""

import threading

import pytest

from common.stats.comparing.comparison import Outcome
from common.store.alerts import regressions
from common.store.alerts.regressions import RegressionFilter
from common.store.alerts.tables import Regression
from common.store.changes import writes
from common.store.database import database
from common.store.reads.lists.pages import Page
from common.store.tables import Session
from scheduler.regressions.evaluation import Evaluation
from tests.integration.scheduler.nights import night, nights, notified, receiver
from tests.support.stored.comparable import DAY, TINY


def found(outcome: Outcome = Outcome.WORSE, *, is_open: bool | None = True) -> list[Regression]:
    return regressions.listed(RegressionFilter(outcome, is_open), Page(1, 100))[0]


@pytest.mark.usefixtures("tables")
def test_a_regression_is_reported_once_and_once_when_it_is_over() -> None:
    receiver()
    evaluation = Evaluation()
    nights((12, 100.0), (2, 88.0))
    evaluation.run()
    assert found() == []
    third = night(14, 88.0)
    evaluation.run()
    [regression] = found()
    assert (regression.model, regression.test_type, regression.metric) == (TINY, "decode", "decodeTokensPerSecond")
    assert (regression.host, regression.options) == ("local", "outputTokens 128, promptTokens 64")
    assert (f"{regression.first_at:%m-%d}", regression.seen) == ("03-13", third.id)
    low, high = regression.record["ci95"]
    assert low < regression.record["change"] < high < -10
    assert regression.record["before"]["value"] == pytest.approx(100, abs=0.5)
    assert regression.record["after"]["value"] == pytest.approx(88, abs=0.5)
    nights((3, 88.0), start=15)
    evaluation.run()
    [same] = found()
    assert same.id == regression.id
    assert same.record["ci95"][1] - same.record["ci95"][0] < high - low
    nights((2, 100.0), start=18)
    evaluation.run()
    assert [each.id for each in found()] == [regression.id]
    shown = night(20, 100.0)
    nights((5, 100.0), start=21)
    evaluation.run()
    assert found() == []
    [over] = found(is_open=False)
    assert (over.id, over.over_reason, over.over_session) == (regression.id, "recovered", shown.id)
    (first, opened), (second, ended) = notified(beginning="regression")
    assert (first, second) == ("regression.opened", "regression.over")
    assert opened.startswith("Worse. On local: decode of tiny:latest fell by 11.9 % (11.6 to 12.2) on 2026-03-13.")
    assert ended.startswith(
        "No longer worse. On local: decode of tiny:latest is no longer worse than before 2026-03-13."
    )
    assert ended.endswith("It is 100 tok/s since 2026-03-19, and was 100 tok/s then.")
    evaluation.run()
    Evaluation().run()
    assert len(notified(beginning="regression")) == 2
    assert len(notified(beginning="session.finished")) == len(Session.select())


@pytest.mark.usefixtures("sqlite_tables")
@pytest.mark.parametrize(
    ("levels", "opened", "over", "better"),
    [
        ([(12, 100.0), (12, 112.0)], 0, 0, (1, 0)),
        ([(12, 100.0), (12, 112.0), (12, 99.0)], 1, 0, (0, 1)),
        ([(12, 100.0), (10, 88.0), (10, 94.0)], 1, 0, (1, 0)),  # half of it is still there
        ([(12, 100.0), (8, 92.0), (8, 84.0), (8, 100.0)], 2, 2, (1, 0)),
        ([(12, 100.0), (8, 92.0), (8, 84.0), (8, 92.0)], 2, 1, (1, 0)),
        ([(12, 100.0), (3, 80.0), (8, 100.0)], 1, 1, (1, 0)),  # three hot nights
    ],
)
def test_it_is_over_when_nothing_of_it_is_left(
    levels: list[tuple[int, float]], opened: int, over: int, better: tuple[int, int]
) -> None:
    """`better` is how many improvements are there at the end, and how many are over. Nobody is notified of them."""
    receiver()
    evaluation = Evaluation()
    number = 0
    for count, rate in levels:
        nights((count, rate), start=number)
        evaluation.run()
        number += count
    types = [event_type for event_type, _ in notified(beginning="regression")]
    assert (types.count("regression.opened"), types.count("regression.over")) == (opened, over)
    assert len(found()) == opened - over
    assert (len(found(Outcome.BETTER)), len(found(Outcome.BETTER, is_open=False))) == better


@pytest.mark.usefixtures("sqlite_tables")
def test_what_a_week_without_a_scheduler_brought_is_told_in_order() -> None:
    receiver()
    receiver("new", created_at=DAY.replace(year=2100))
    imported, *_ = nights((12, 100.0), (4, 88.0), (6, 100.0))
    Session.update(imported_at=DAY).where(Session.id == imported.id).execute()
    Evaluation().run()
    assert [each for each, _ in notified(beginning="regression")] == ["regression.opened", "regression.over"]
    assert [text.split("”")[0] for _, text in notified(beginning="session")] == [
        f"Session “night {n}" for n in range(1, 22)
    ]
    assert notified("new") == []


@pytest.mark.usefixtures("tables")
def test_a_regression_whose_sessions_are_deleted_is_withdrawn() -> None:
    receiver()
    stored = nights((12, 100.0), (3, 88.0))
    evaluation = Evaluation()
    evaluation.run()
    writes.delete_session(stored[-1].id)
    for running in (evaluation, Evaluation()):  # also of a process that was not there when they were deleted
        running.run()
        assert found() == []
    [over] = found(is_open=False)
    assert (over.over_reason, over.over_session) == ("withdrawn", None)
    assert [each for each, _ in notified(beginning="regression")] == ["regression.opened", "regression.over"]


@pytest.mark.usefixtures("sqlite_tables")
def test_a_regression_stays_if_others_still_show_it() -> None:
    receiver()
    stored = nights((12, 100.0), (6, 88.0))
    evaluation = Evaluation()
    evaluation.run()
    [before] = found()
    for number in (3, 12, 14):  # one of the old level, the first of the new, and the one that showed it
        writes.delete_session(stored[number].id)
        evaluation.run()
    [after] = found()
    assert after.id == before.id
    assert after.first == stored[13].id
    assert len(notified(beginning="regression")) == 1


@pytest.mark.usefixtures("tables")
def test_schedulers_that_run_at_once_find_it_once() -> None:
    receiver()
    nights((12, 100.0), (4, 88.0))
    url_bound = database.obj

    def run() -> None:
        with url_bound.connection_context():
            Evaluation().run()

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found()) == 1
    assert len(notified(beginning="regression")) == 1
    assert len(notified(beginning="session")) == 16
