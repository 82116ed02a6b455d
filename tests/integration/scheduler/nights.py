"""A history of nightly sessions, and a receiver of their notifications."""

from datetime import datetime, timedelta

from common.alerts.event_types import SUBSCRIBABLE
from common.store.alerts.tables import Delivery, Event, Receiver
from common.store.tables import Session
from tests.support.stored.comparable import DAY, TINY, Rates, session


def night(number: int, rate: float, **changed: object) -> Session:
    """Store one session a day, each a little off its rate."""
    rate += (number * 7 % 5 - 2) / 10
    rates: Rates = {TINY: {0: (rate - 0.1, rate, rate + 0.1)}}
    return session(f"night {number}", rates, at=DAY + timedelta(days=number), **changed)  # type: ignore[arg-type] # passed on


def nights(*levels: tuple[int, float], start: int = 0) -> list[Session]:
    """Store sessions at levels: how many, and their rate."""
    rates = [rate for count, rate in levels for _ in range(count)]
    return [night(start + number, rate) for number, rate in enumerate(rates)]


def receiver(name: str = "r", *, created_at: datetime = DAY, **values: object) -> Receiver:
    """Store a receiver that was there before the first night."""
    columns = {"url": "https://lab.example/hook", "secret": "s" * 16, "events": list(SUBSCRIBABLE), "enabled": True}
    return Receiver.create(id=name, created_at=created_at, **{**columns, **values})


def notified(name: str = "r", beginning: str = "") -> list[tuple[str, str]]:
    """Return the types and texts of the events for a receiver, in their order."""
    found = Delivery.select(Delivery, Event).join(Event).where(Delivery.receiver == name).order_by(Delivery.id)
    events = [(delivery.event.type, delivery.event.text) for delivery in found]
    return [event for event in events if event[0].startswith(beginning)]
