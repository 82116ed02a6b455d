"""The parts of the first page that are kept in memory: whatever changes shows at once."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from api.web.pages.home import page
from api.web.pages.presentation.rendered_parts import KeptParts
from common.store.changes import edits, writes
from tests.integration.api.web.kept_pages import every_change_shows_at_once
from tests.integration.api.web.test_faults import SECTION, fail
from tests.integration.api.web.test_history import night, nights
from tests.support.stored.sessions import claimed, queued


def shown(client: FlaskClient) -> str:
    """Return the first page without the strip of machines, which shows the time."""
    text = client.get("/").text
    assert SECTION not in text
    strip, after_it = text.index('<div id="strip">'), text.index('<div class="glance">')
    return text[:strip] + text[after_it:]


def test_every_change_shows_at_once(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "_kept", KeptParts(1))
    kept = nights([100.0] * 3)
    waiting = queued(name="waiting")
    claim, tests = claimed(waiting)
    changes: list[Callable[[], object]] = [
        lambda: edits.edit(kept[0].id, {"name": "renamed"}),
        lambda: edits.edit(kept[0].id, {"tags": ["driver"]}),
        lambda: edits.edit(kept[1].id, {"pinned": True}),
        lambda: edits.edit(kept[1].id, {"name": "renamed"}),
        lambda: night(5, 120),
        lambda: night(6, 90, host="garage"),
        lambda: writes.fail_test(claim, tests[0], "Ollama stopped"),
        lambda: writes.finish_session(claim),
        lambda: queued(name="renamed"),
        lambda: writes.delete_session(kept[0].id),
    ]
    every_change_shows_at_once(lambda: shown(client), changes, lambda: monkeypatch.setattr(page, "_kept", KeptParts(1)))


def test_a_row_is_kept_and_no_fault_is(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    nights([100.0] * 2)
    filters = client.application.jinja_env.filters
    with monkeypatch.context() as broken:
        broken.setitem(filters, "when", fail)
        assert SECTION in client.get("/").text
    before = shown(client)
    monkeypatch.setitem(filters, "when", fail)
    assert shown(client) == before
