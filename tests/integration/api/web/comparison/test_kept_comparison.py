"""Comparisons that are kept in memory: whatever changes shows at once."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from api.conclusions.comparisons.compared_tests import Comparer
from api.web.pages.comparison import kept_comparison
from common.store.changes import claims, edits, retention, writes
from tests.integration.api.web.comparison.test_comparison import compare
from tests.integration.api.web.kept_pages import every_change_shows_at_once
from tests.integration.api.web.test_faults import SECTION, fail
from tests.support.stored.comparable import SLOWER, STEADY, TINY, Rates, session
from tests.support.stored.sessions import queued

RATES: Rates = {TINY: {0: STEADY}}


def test_every_change_shows_at_once(client: FlaskClient) -> None:
    nights = [session(f"night {number}", {TINY: {0: tuple(value + number for value in STEADY)}}) for number in range(4)]
    shown = [session("first", RATES), session("second", {TINY: {0: SLOWER}}), queued(name="third")]
    claim = claims.Claim(shown[2].id, "worker")
    claims.take(claim)
    changes: list[Callable[[], object]] = [
        lambda: edits.edit(shown[0].id, {"name": "renamed"}),
        lambda: session("another night", RATES),
        lambda: edits.edit(nights[1].id, {"name": "offered under another name"}),
        lambda: writes.delete_session(nights[0].id),
        lambda: [*retention.prune(shown[1].id)],
        lambda: writes.fail_test(claim, next(iter(shown[2].tests)), "it is out of memory"),
        lambda: writes.delete_session(shown[1].id),
    ]
    every_change_shows_at_once(lambda: compare(client, *shown), changes, kept_comparison._kept.clear)


def test_the_newest_results_of_machines_show_at_once(client: FlaskClient) -> None:
    session("on one", RATES, host="local"), session("on the other", RATES, host="garage")
    path = "/compare?host=local&host=garage"
    assert "tok/s" in client.get(path).text
    session("later", {TINY: {0: SLOWER}}, host="garage")
    assert "−10.0 %" in client.get(path).text


def test_nothing_is_evaluated_again(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = session("first", RATES), session("second", {TINY: {0: SLOWER}})
    before = compare(client, one, other)
    monkeypatch.setattr(Comparer, "test", fail)
    assert compare(client, one, other) == before
    assert SECTION in compare(client, other, one)


def test_a_fault_is_not_kept(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = session("first", RATES), session("second", {TINY: {0: SLOWER}})
    with monkeypatch.context() as broken:
        broken.setattr(Comparer, "test", fail)
        assert SECTION in compare(client, one, other)
    assert SECTION not in compare(client, one, other)
