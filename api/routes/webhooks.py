"""`/webhooks`: where notifications are sent, a test of each, and what came of what was sent."""

from http import HTTPStatus
from uuid import UUID

from flask import url_for

from api.http.access.auth import may_change
from api.http.responses.errors import or_404, refuse
from api.openapi.links import location
from api.openapi.resource import Resource
from api.schemas.webhooks import Deliveries, DeliveryQuery, NewWebhook, Webhook, WebhookPatch, Webhooks, WebhookTest
from common.alerts.event_types import EventType
from common.alerts.webhook_url import shortened
from common.store.alerts import deliveries as stored_deliveries
from common.store.alerts import receivers
from common.store.alerts.outbox import NewEvent, publish_to
from common.store.alerts.tables import Delivery, Receiver
from common.store.reads.lists.pages import Page
from common.values.free_json import Json
from common.values.units import iso, now

TEST_TEXT = "This is a test. Somebody asked Gait to send it, and it has arrived."

resource = Resource("webhooks", __name__, description="Where notifications are sent.")


@resource.operation(
    "POST",
    "/webhooks",
    name="addWebhook",
    answer=(201, Webhook),
    body=NewWebhook,
    failures=(HTTPStatus.CONFLICT,),
    answer_headers=location("the webhook"),
)
def add(body: Json) -> tuple[Json, int, dict[str, str]]:
    """Add a webhook, which is sent what happens from now on.

    Each event is a POST with a JSON body and a signature in the header `X-Gait-Signature`. It is delivered at least
    once, in the order of the events, and repeated for a day until the answer is a 2xx.
    """
    added = receivers.add(receivers.NewWebhook(**body))
    if added is None:
        refuse(HTTPStatus.CONFLICT, f"There are {receivers.MAX_WEBHOOKS} webhooks. Delete one first.")
    return _described(added), 201, {"Location": url_for("webhooks.read", webhook_id=added.id)}


@resource.operation("GET", "/webhooks", name="listWebhooks", answer=(200, Webhooks))
def listing() -> Json:
    """List all webhooks.

    No answer has a secret.
    """
    return {"webhooks": [_described(each) for each in receivers.webhooks()]}


@resource.operation(
    "GET", "/webhooks/<uuid:webhook_id>", name="readWebhook", answer=(200, Webhook), failures=(HTTPStatus.NOT_FOUND,)
)
def read(webhook_id: UUID) -> Json:
    """Return a webhook.

    `failures` and `waiting` say if its receiver answers.
    """
    return _described(_found(webhook_id))


@resource.operation(
    "PATCH",
    "/webhooks/<uuid:webhook_id>",
    name="patchWebhook",
    answer=(200, Webhook),
    body=WebhookPatch,
    failures=(HTTPStatus.NOT_FOUND,),
)
def patch(body: Json, webhook_id: UUID) -> Json:
    """Change a webhook.

    What waits for it is tried again at once, with the new URL and secret.
    """
    receivers.change(_found(webhook_id).id, body)
    return _described(_found(webhook_id))


@resource.operation(
    "DELETE",
    "/webhooks/<uuid:webhook_id>",
    name="deleteWebhook",
    answer=(204, None),
    returns="The webhook and its deliveries are deleted.",
    failures=(HTTPStatus.NOT_FOUND,),
)
def delete(webhook_id: UUID) -> None:
    """Delete a webhook.

    What waits for it is not sent.
    """
    receivers.delete(_found(webhook_id).id)


@resource.operation(
    "POST",
    "/webhooks/<uuid:webhook_id>/test",
    name="testWebhook",
    answer=(202, WebhookTest),
    failures=(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
)
def test(webhook_id: UUID) -> Json:
    """Send a test event. It waits behind what is to be delivered before it.

    `GET /webhooks/{id}/deliveries` says what came of it. The answer is 409 if the webhook is not enabled.
    """
    found = _found(webhook_id)
    if not found.enabled:
        refuse(HTTPStatus.CONFLICT, "The webhook is not enabled. Enable it first.")
    event = NewEvent(EventType.TEST, now(), TEST_TEXT, "/", {"webhookId": found.id})
    return {"event_id": publish_to(found, event)}


@resource.operation(
    "GET",
    "/webhooks/<uuid:webhook_id>/deliveries",
    name="listDeliveries",
    answer=(200, Deliveries),
    query=DeliveryQuery,
    failures=(HTTPStatus.NOT_FOUND,),
)
def deliveries(query: Json, webhook_id: UUID) -> Json:
    """List what was sent to a webhook or waits for it, newest first.

    Each event has the outcome of its last attempt. Deliveries are kept for thirty days.
    """
    page, limit = query["page"], query["limit"]
    found, total = stored_deliveries.listed(_found(webhook_id).id, Page(page, limit), query.get("state"))
    return {"deliveries": [_delivery(each) for each in found], "total": total, "page": page, "limit": limit}


def _found(webhook_id: UUID) -> Receiver:
    return or_404(receivers.webhook(str(webhook_id)), webhook_id, "webhook")


def _described(webhook: Receiver) -> Json:
    return {
        "id": webhook.id,
        "name": webhook.name,
        "url": webhook.url if may_change() else shortened(str(webhook.url)),
        "events": webhook.events,
        "enabled": webhook.enabled,
        "created_at": iso(webhook.created_at),
        "failures": webhook.failures,
        "next_attempt": iso(webhook.due_at) if webhook.failures else None,
        "waiting": stored_deliveries.waiting_for(webhook.id),
    }


def _delivery(delivery: Delivery) -> Json:
    event = delivery.event
    return {
        "event_id": event.uid,
        "type": event.type,
        "text": event.text,
        "at": iso(event.at),
        "state": delivery.state,
        "attempts": delivery.attempts,
        "attempted_at": iso(delivery.attempted_at),
        "status": delivery.status,
        "message": delivery.message,
    }
