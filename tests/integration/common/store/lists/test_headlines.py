"""Headline metrics, which either database extracts as Python would."""

import pytest

from common.records.test_metrics import headline_metrics
from common.store import sessions
from common.store.lists import headlines
from tests.support.stored import METRICS, finished, queued

pytestmark = pytest.mark.usefixtures("tables")


def test_they_are_the_metrics_by_name_the_headline_and_the_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(headlines, "AT_ONCE", 2)
    ids = [test.id for session in (finished("a:1", "b:1"), queued()) for test in sessions.tests(session.id)]
    expected = {"inferenceTime": 120.5, "tokensPerSecond": 42.0, "vramUsage": None}
    assert headline_metrics(METRICS) == expected
    assert headlines.headline_metrics(ids) == dict.fromkeys(ids[:4], expected)
    with_statistics = headlines.headline_metrics(ids, also=["statistics"])
    assert with_statistics == {test: {**expected, "statistics": METRICS["statistics"]} for test in ids[:4]}
