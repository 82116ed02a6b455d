"""Receivers of notifications: webhooks, and the services of NOTIFY_URLS."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from peewee import IntegrityError
from uuid_utils import uuid7

from common.store.alerts.tables import Receiver
from common.store.database import database
from common.values.units import now

MAX_WEBHOOKS = 100


@dataclass(frozen=True)
class NewWebhook:
    url: str
    secret: str
    events: list[str]
    enabled: bool = True
    name: str | None = None


def webhooks() -> list[Receiver]:
    """Return all webhooks, the oldest first."""
    return list(Receiver.select().where(Receiver.url.is_null(is_null=False)).order_by(Receiver.created_at, Receiver.id))


def webhook(webhook_id: str) -> Receiver | None:
    return Receiver.get_or_none(Receiver.id == webhook_id, Receiver.url.is_null(is_null=False))


def add(new: NewWebhook) -> Receiver | None:
    """Store a webhook. Return None if there are as many as may be."""
    with database.atomic():
        if Receiver.select().where(Receiver.url.is_null(is_null=False)).count() >= MAX_WEBHOOKS:
            return None
        return Receiver.create(
            id=str(uuid7()),
            name=new.name,
            url=new.url,
            secret=new.secret,
            events=new.events,
            enabled=new.enabled,
            created_at=now(),
        )


def change(webhook_id: str, changed: Mapping[str, object]) -> None:
    """Change columns of a webhook, and let what waits for it be sent at once."""
    Receiver.update({**changed, "due_at": None}).where(Receiver.id == webhook_id).execute()


def delete(webhook_id: str) -> None:
    """Delete a receiver with its deliveries."""
    Receiver.delete().where(Receiver.id == webhook_id).execute()


def set_services(ids: Iterable[str], events: list[str]) -> None:
    """Make the services of the settings the receivers without a URL. Those that stay keep what waits."""
    wanted = set(ids)
    with database.atomic():
        gone = Receiver.url.is_null() & Receiver.id.not_in(wanted)
        Receiver.delete().where(gone).execute()
        Receiver.update(events=events).where(Receiver.url.is_null()).execute()
        known = {found.id for found in Receiver.select(Receiver.id).where(Receiver.id.in_(wanted))}
    for new in sorted(wanted - known):
        try:
            Receiver.create(id=new, events=events, enabled=True, created_at=now())
        except IntegrityError:
            continue  # another scheduler was faster
