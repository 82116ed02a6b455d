"""Webhooks: what may be added, who sees what of it, and its deliveries."""

from ipaddress import ip_network
from typing import Any

import pytest
from flask.testing import FlaskClient

from common.alerts.event_types import SUBSCRIBABLE
from common.environment.notifications import Notifications
from common.store.alerts import deliveries, receivers
from common.store.alerts.tables import Receiver
from tests.integration.api.conftest import HEADER, KEY, NewApp, body

PATH = "/api/v1/webhooks"
SECRET = "s3cret-of-sixteen"
NEW = {"url": "https://lab.example/hook?token=t0ken", "secret": SECRET}


def added(client: FlaskClient, **changed: Any) -> Any:
    answer = client.post(PATH, json={**NEW, **changed})
    assert answer.status_code == 201, answer.text
    assert SECRET not in answer.text
    return body(answer)


def test_a_webhook_is_added_read_changed_and_deleted(client: FlaskClient) -> None:
    new = added(client)
    assert (new["url"], new["events"], new["enabled"]) == (NEW["url"], [*SUBSCRIBABLE], True)
    path = f"{PATH}/{new['id']}"
    assert body(client.get(path)) == new
    assert body(client.get(PATH)) == {"webhooks": [new]}
    changed = client.patch(path, json={"enabled": False, "events": ["session.failed"], "secret": SECRET * 2})
    assert body(changed) == {**new, "enabled": False, "events": ["session.failed"]}
    assert SECRET not in changed.text
    assert Receiver.get_by_id(new["id"]).secret == SECRET * 2
    assert client.post(f"{path}/test").status_code == 409
    assert client.delete(path).status_code == 204
    for answer in (client.get(path), client.patch(path, json={}), client.delete(path), client.post(f"{path}/test")):
        assert answer.status_code == 404


def test_what_cannot_be_sent_to_is_refused(client: FlaskClient) -> None:
    kept = added(client)
    refused: list[tuple[dict[str, Any], str]] = [
        ({"url": "http://2130706433/"}, "must not lead to this address (loopback)"),
        ({"url": "http://169.254.169.254/latest/meta-data/"}, "must not lead to this address (link-local)"),
        ({"url": "lab.example"}, "must be a whole URL"),
        ({"secret": "short"}, "must have 16 to 255 characters"),
        ({"events": []}, "choose at least one"),
        ({"events": ["session.begun"]}, "must be one of session.finished"),
        ({"events": ["test"]}, "must be one of session.finished"),
        ({"events": ["session.failed"] * 2}, "must not contain session.failed twice"),
        ({"enabled": "yes"}, "Not a valid boolean"),
        ({"method": "GET"}, "unknown"),
    ]
    for changed, problem in refused:
        answer = client.post(PATH, json={**NEW, **changed})
        assert answer.status_code == 422, changed
        assert problem in str(body(answer)["details"][next(iter(changed))])
        assert client.patch(f"{PATH}/{kept['id']}", json=changed).status_code == 422
    assert body(client.get(PATH))["webhooks"] == [kept]


def test_the_operator_can_allow_addresses(new_app: NewApp) -> None:
    allowed = Notifications(networks=(ip_network("127.0.0.1"), ip_network("fe80::/10")))
    client = new_app(notifications=allowed).test_client()
    for url in ("http://127.0.0.1:8080/", "http://localhost/", "http://[::ffff:7f00:1]/", "http://[fe80::1]/"):
        added(client, url=url)
    for url in ("http://127.0.0.2/", "http://[::1]/"):
        assert client.post(PATH, json={**NEW, "url": url}).status_code == 422


def test_a_read_only_key_sees_no_token_in_a_url(new_app: NewApp) -> None:
    client = new_app(api_keys=(KEY,), read_only_keys=("reader",)).test_client()
    assert client.post(PATH, json=NEW, headers=HEADER).status_code == 201
    for headers, shown in ((HEADER, NEW["url"]), ({"X-API-Key": "reader"}, "https://lab.example/…")):
        answer = client.get(PATH, headers=headers)
        assert [each["url"] for each in body(answer)["webhooks"]] == [shown]
        assert SECRET not in answer.text


def test_a_test_event_waits_for_its_webhook_alone(client: FlaskClient) -> None:
    asked, other = added(client, events=["session.failed"]), added(client)
    answer = client.post(f"{PATH}/{asked['id']}/test")
    assert answer.status_code == 202
    [delivery] = body(client.get(f"{PATH}/{asked['id']}/deliveries"))["deliveries"]
    assert (delivery["eventId"], delivery["type"], delivery["state"]) == (body(answer)["eventId"], "test", "pending")
    assert (delivery["attempts"], delivery["status"], delivery["attemptedAt"]) == (0, None, None)
    assert body(client.get(f"{PATH}/{other['id']}/deliveries"))["total"] == 0
    taken = deliveries.take(asked["id"])
    assert taken is not None
    deliveries.failed(taken, 500, "It answered 500.", 3600)
    shown = body(client.get(f"{PATH}/{asked['id']}"))
    assert (shown["failures"], shown["waiting"]) == (1, 1)
    assert shown["nextAttempt"] > delivery["at"]
    assert deliveries.due() == []
    patched = body(client.patch(f"{PATH}/{asked['id']}", json={"url": "https://lab.example/mended"}))
    assert patched["nextAttempt"] is None
    assert deliveries.due() == [asked["id"]]
    again = deliveries.take(asked["id"])
    assert again is not None
    deliveries.delivered(again, 204)
    query = {"state": "delivered"}
    [done] = body(client.get(f"{PATH}/{asked['id']}/deliveries", query_string=query))["deliveries"]
    assert (done["attempts"], done["status"], done["message"]) == (2, 204, None)


def test_there_is_a_limit(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receivers, "MAX_WEBHOOKS", 1)
    added(client)
    answer = client.post(PATH, json=NEW)
    assert answer.status_code == 409
    assert body(answer)["message"] == "There are 1 webhooks. Delete one first."
