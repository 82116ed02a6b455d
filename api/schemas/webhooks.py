"""Webhooks: where notifications are sent, and their deliveries."""

from typing import Any

from marshmallow import fields, validate

from api.http.settings import settings
from api.schemas import Answer, Wire
from api.schemas.flag import Flag
from api.schemas.results import Page, limit, moment, page
from api.schemas.sessions.submission import unique
from api.schemas.text import LENGTH, checked_by, clean, text
from common.alerts import webhook_url
from common.alerts.event_types import DESCRIPTIONS, SUBSCRIBABLE, EventType
from common.store.alerts.tables import DeliveryState

MIN_SECRET, MAX_SECRET = 16, 255
MAX_DELIVERIES = 100


def _check_url(url: str) -> None:
    webhook_url.check(url, settings().notifications.networks)


def _url(**options: Any) -> fields.String:  # noqa: ANN401 - as in marshmallow
    return fields.String(
        validate=[validate.Length(1, webhook_url.MAX_LENGTH, error=LENGTH), clean, checked_by(_check_url)],
        metadata={
            "format": "uri",
            "description": "Where events are sent by POST: http or https. Loopback, link-local and other special "
            "addresses are refused, unless WEBHOOK_NETWORKS allows them.",
            "example": "https://lab.example/gait",
        },
        **options,
    )


def _secret(**options: Any) -> fields.String:  # noqa: ANN401 - as in marshmallow
    return fields.String(
        validate=validate.Length(MIN_SECRET, MAX_SECRET, error=LENGTH),
        load_only=True,
        metadata={
            "description": "Signs what is sent: HMAC-SHA256. No answer has it.",
            "example": "a long random text that both sides know",
        },
        **options,
    )


def _events(**options: Any) -> fields.List[str]:  # noqa: ANN401 - as in marshmallow
    return fields.List(
        fields.String(validate=validate.OneOf(SUBSCRIBABLE, error="must be one of {choices}")),
        validate=[validate.Length(1, error="choose at least one"), unique],
        metadata={
            "uniqueItems": True,
            "description": "The events to send. " + " ".join(f"{name}: {text}." for name, text in DESCRIPTIONS.items()),
            "example": [EventType.SESSION_FAILED, EventType.REGRESSION_OPENED],
        },
        **options,
    )


def _enabled(**options: Any) -> Flag:  # noqa: ANN401 - as in marshmallow
    return Flag(
        metadata={"description": "Whether events are sent. What has happened while it is false is not sent later."},
        **options,
    )


class NewWebhook(Wire):
    """A webhook to add."""

    url = _url(required=True)
    secret = _secret(required=True)
    events = _events(load_default=lambda: [*SUBSCRIBABLE])
    enabled = _enabled(load_default=True)
    name = text(100, load_default=None, allow_none=True, metadata={"description": "A name, to recognise it by."})


class WebhookPatch(Wire):
    """Changes of a webhook. What is left out stays."""

    url = _url()
    secret = _secret()
    events = _events()
    enabled = _enabled()
    name = text(100, allow_none=True, metadata={"description": "A name, to recognise it by. null removes it."})


class Webhook(Answer):
    """A webhook. No answer has its secret."""

    id = fields.String(metadata={"format": "uuid"})
    name = fields.String(allow_none=True)
    url = fields.String(
        metadata={"description": "For a read-only key without path and query, which may hold a token of the receiver."}
    )
    events = fields.List(fields.String(metadata={"enum": [*SUBSCRIBABLE]}))
    enabled = fields.Boolean()
    created_at = moment("When it was added. It is sent what has happened since.")
    failures = fields.Integer(metadata={"description": "How many attempts have failed in a row."})
    next_attempt = moment("When the next attempt may start, after one that failed; null otherwise.", allow_none=True)
    waiting = fields.Integer(metadata={"description": "Number of events that wait to be delivered."})


class Webhooks(Answer):
    """All webhooks, the oldest first."""

    webhooks = fields.List(fields.Nested(Webhook))


class WebhookTest(Answer):
    """A test event, which waits to be delivered."""

    event_id = fields.String(metadata={"format": "uuid", "description": "Its id, as in the deliveries."})


class DeliveryQuery(Wire):
    state = fields.String(
        validate=validate.OneOf([*DeliveryState]), metadata={"description": "Only deliveries in this state."}
    )
    page = page()
    limit = limit(50, MAX_DELIVERIES)


class Delivery(Answer):
    """An event on its way to a webhook."""

    event_id = fields.String(metadata={"format": "uuid", "description": "As in the body and the header."})
    type = fields.String(metadata={"enum": [*EventType]})
    text = fields.String(metadata={"description": "The event as a person reads it."})
    at = moment("When it happened.")
    state = fields.String(
        metadata={
            "enum": [*DeliveryState],
            "description": "pending: it waits, or is tried again. given-up: it could not be delivered within a day.",
        }
    )
    attempts = fields.Integer()
    attempted_at = moment("When the last attempt ended; null before the first.", allow_none=True)
    status = fields.Integer(allow_none=True, metadata={"description": "HTTP status of the last answer, if any."})
    message = fields.String(allow_none=True, metadata={"description": "Why the last attempt failed."})


class Deliveries(Page):
    """A page of deliveries, newest first. They are kept for thirty days."""

    deliveries = fields.List(fields.Nested(Delivery))
