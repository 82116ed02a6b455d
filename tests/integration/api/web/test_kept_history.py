"""The parts of a history that are kept in memory: whatever changes shows at once."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from api.web.pages.history import page
from api.web.pages.history.timeline import HistoryTimeline
from api.web.pages.presentation.rendered_parts import KeptParts
from common.store.alerts import regressions
from common.store.alerts.regressions import HistoryKey
from common.store.changes import edits, writes
from tests.integration.api.web.kept_pages import every_change_shows_at_once
from tests.integration.api.web.test_faults import SECTION, fail
from tests.integration.api.web.test_history import FIRST, TINY, night, nights
from tests.support.stored.regressions import RECORD


def shown(client: FlaskClient) -> str:
    answer = client.get("/history", query_string={"model": TINY})
    assert SECTION not in answer.text
    return answer.text


def test_every_change_shows_at_once(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = nights([100.0] * 4)
    key = HistoryKey(TINY, "decode", "decodeTokensPerSecond", "local", "outputTokens 128, promptTokens 64")
    changes: list[Callable[[], object]] = [
        lambda: edits.edit(kept[0].id, {"name": "renamed"}),
        lambda: night(5, 90),
        lambda: night(6, 90, host="garage"),
        lambda: regressions.add(key, (kept[2].id, FIRST), (kept[3].id, FIRST), RECORD),
        lambda: writes.delete_session(kept[1].id),
    ]
    every_change_shows_at_once(lambda: shown(client), changes, lambda: monkeypatch.setattr(page, "_kept", KeptParts(1)))


def test_nothing_is_drawn_again_and_no_fault_is_kept(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    nights([100.0] * 3)
    with monkeypatch.context() as broken:
        broken.setattr(HistoryTimeline, "figure", fail)
        assert SECTION in client.get("/history", query_string={"model": TINY}).text
    before = shown(client)
    monkeypatch.setattr(HistoryTimeline, "figure", fail)
    assert shown(client) == before
