"""The sessions that were submitted together with one, or before it."""

from datetime import timedelta

from flask.testing import FlaskClient

from common.store.tables import Session
from tests.integration.api.web.session.test_page import page, section, words
from tests.support.stored.sessions import queued


def test_sessions_that_belong_together_lead_to_each_other(client: FlaskClient) -> None:
    names = ("before", "desk", "laptop", "longer ago")
    before, desk, laptop, longer_ago = (
        queued(name="nightly", host="laptop" if name in ("laptop", "longer ago") else "desk") for name in names
    )
    queued(name="another", host="server")
    for session, hours in ((before, 24), (longer_ago, 48)):
        Session.update(created_at=session.created_at - timedelta(hours=hours)).where(Session.id == session.id).execute()
    header = section(page(client, desk), "session-header")
    assert "Also on laptop : compare them" in words(header)
    assert f"session={desk.id}&amp;session={laptop.id}" in header
    assert f"session={before.id}&amp;session={desk.id}" in header
    assert longer_ago.id not in header
    assert "Also on" not in page(client, queued(name="alone"))
