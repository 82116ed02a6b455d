"""Headline metrics, as Python would take them from all metrics."""

import pytest

from common.records.test_metrics import headline_metrics
from common.store.earlier import history
from common.store.fields import UNREADABLE
from common.store.reads import sessions
from common.store.reads.lists import headlines
from common.store.tables import Result
from tests.support.stored.sessions import METRICS, finished, queued

pytestmark = pytest.mark.usefixtures("tables")


def test_they_are_the_metrics_by_name_the_headline_and_the_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(headlines, "AT_ONCE", 2)
    ids = [test.id for session in (finished("a:1", "b:1"), queued()) for test in sessions.tests(session.id)]
    expected = {"inferenceTime": 120.5, "tokensPerSecond": 42.0, "vramUsage": None}
    assert headline_metrics(METRICS) == expected
    assert headlines.headline_metrics(ids) == dict.fromkeys(ids[:4], (expected, "clean"))
    with_statistics = headlines.headline_metrics(ids, statistics=True)
    assert with_statistics == dict.fromkeys(ids[:4], ({**expected, "statistics": METRICS["statistics"]}, "clean"))


@pytest.mark.parametrize("column", ["metrics", "statistics"])
def test_what_is_no_object_costs_itself_alone(column: str) -> None:
    broken, whole = (sessions.tests(finished("a:1").id)[0].id for _ in range(2))
    headline = {"name": "tokensPerSecond", "unit": "tokens/s", "point": {}}
    Result.update(metrics={"tokensPerSecond": 42.0, "headline": headline}).execute()
    Result.update(**{column: [1]}).where(Result.test == broken).execute()
    found = headlines.headline_metrics([broken, whole], statistics=True)
    assert found[broken].metrics == {"finding": UNREADABLE}
    assert found[whole].metrics["tokensPerSecond"] == 42.0
    assert list(sessions.headlines([broken, whole])) == [whole]
    entries = history.history("a:1", "decode", "tokensPerSecond")
    assert len([entry for entry in entries if entry.statistic]) == (1 if column == "statistics" else 2)
