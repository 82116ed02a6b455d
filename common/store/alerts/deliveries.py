"""Deliveries: what waits for a receiver, and the outcomes of attempts. Each receiver gets its events in their order."""

from datetime import timedelta

from peewee import fn

from common.store.alerts.tables import Delivery, DeliveryState, Event, Receiver
from common.store.database import database
from common.store.reads.lists.pages import Page
from common.values.units import now

LEASE = timedelta(seconds=60)
"""How long a receiver belongs to the process that sends to it. An attempt takes less."""
LIFE = timedelta(days=1)
"""How long an event is tried. After that the receiver's next event is."""


def due() -> list[str]:
    """Return the receivers that may be sent an event now."""
    waiting = Delivery.select(Delivery.id).where(
        Delivery.receiver == Receiver.id, Delivery.state == DeliveryState.PENDING
    )
    found = Receiver.select(Receiver.id).where(Receiver.enabled, _is_due(), fn.EXISTS(waiting))
    return [receiver.id for receiver in found.order_by(Receiver.due_at)]


def take(receiver_id: str) -> Delivery | None:
    """Return the oldest event that waits for the receiver, and let no other process send to it meanwhile.

    Return None if nothing waits, if it is not due, or if another process has it.
    """
    mine = Receiver.update(due_at=now() + LEASE).where(Receiver.id == receiver_id, Receiver.enabled, _is_due())
    if not mine.execute():
        return None
    waiting = Delivery.select(Delivery, Event, Receiver).join(Event).switch(Delivery).join(Receiver)
    own = (Delivery.receiver == receiver_id) & (Delivery.state == DeliveryState.PENDING)
    found: Delivery | None = waiting.where(own).order_by(Delivery.id).limit(1).first()
    if found is None:
        Receiver.update(due_at=None).where(Receiver.id == receiver_id).execute()
    return found


def delivered(delivery: Delivery, status: int | None) -> None:
    """Store that the receiver has taken the event."""
    with database.atomic():
        _note(delivery, DeliveryState.DELIVERED, status, None)
        Receiver.update(due_at=None, failures=0).where(Receiver.id == delivery.receiver_id).execute()


def failed(delivery: Delivery, status: int | None, message: str, pause_s: float) -> DeliveryState:
    """Store that an attempt failed. Return whether the event waits for the next one or is given up."""
    is_old = now() - delivery.event.created_at > LIFE
    state = DeliveryState.GIVEN_UP if is_old else DeliveryState.PENDING
    with database.atomic():
        _note(delivery, state, status, message)
        later = {"due_at": now() + timedelta(seconds=pause_s), "failures": Receiver.failures + 1}
        Receiver.update(later).where(Receiver.id == delivery.receiver_id).execute()
    return state


def listed(receiver_id: str, page: Page, state: str | None = None) -> tuple[list[Delivery], int]:
    """Return a page of the deliveries to a receiver with their events, newest first, and the number of all."""
    own = Delivery.select().where(Delivery.receiver == receiver_id)
    if state:
        own = own.where(Delivery.state == state)
    found = own.select(Delivery, Event).join(Event).order_by(Delivery.id.desc())
    return list(found.paginate(page.number, page.limit)), own.count()  # each event has its row: no join to count them


def waiting_for(receiver_id: str) -> int:
    """Return the number of events that wait for a receiver."""
    return Delivery.select().where(Delivery.receiver == receiver_id, Delivery.state == DeliveryState.PENDING).count()


def waiting() -> int:
    """Return the number of events that wait for receivers, each as often as receivers wait for it."""
    return Delivery.select().where(Delivery.state == DeliveryState.PENDING).count()


def _is_due() -> object:
    return Receiver.due_at.is_null() | (Receiver.due_at <= now())


def _note(delivery: Delivery, state: DeliveryState, status: int | None, message: str | None) -> None:
    changed = {"state": state, "attempts": Delivery.attempts + 1, "attempted_at": now()}
    outcome = {"status": status, "message": message}
    Delivery.update({**changed, **outcome}).where(Delivery.id == delivery.id).execute()
