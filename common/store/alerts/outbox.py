"""Events on their way to receivers. What happened and its event are stored in the same transaction."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from common.alerts.event_types import EventType
from common.store.alerts.tables import Delivery, DeliveryState, Event, Receiver
from common.values.free_json import Json
from common.values.units import now

KEPT = timedelta(days=30)
"""How long deliveries can be looked up."""


@dataclass(frozen=True)
class NewEvent:
    """Something that has happened `at` a time. `path` is that of the page that shows it, without Gait's own address."""

    type: EventType
    at: datetime
    text: str
    path: str
    data: Json


def publish(event: NewEvent) -> None:
    """Store an event for the enabled receivers that want it and were there when it happened."""
    enabled = Receiver.select().where(Receiver.enabled, Receiver.created_at <= event.at)
    _store(event, [receiver for receiver in enabled if event.type in receiver.events])


def publish_to(receiver: Receiver, event: NewEvent) -> str:
    """Store an event for one receiver, and return the event's id."""
    return _store(event, [receiver])


def _store(event: NewEvent, receivers: list[Receiver]) -> str:
    uid = str(uuid4())
    if receivers:
        stored = Event.create(
            uid=uid,
            type=event.type,
            at=event.at,
            created_at=now(),
            text=event.text,
            path=event.path,
            data=event.data,
        )
        Delivery.insert_many([{"receiver": receiver.id, "event": stored.id} for receiver in receivers]).execute()
    return uid


def prune() -> None:
    """Delete events that are old and that no receiver waits for."""
    waiting = Delivery.select(Delivery.event).where(Delivery.state == DeliveryState.PENDING)
    Event.delete().where(Event.created_at < now() - KEPT, Event.id.not_in(waiting)).execute()
