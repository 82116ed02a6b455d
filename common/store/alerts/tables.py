"""The tables of regressions and notifications. Times are UTC without a zone."""

from enum import StrEnum

from peewee import AutoField, BigIntegerField, BooleanField, DateTimeField, ForeignKeyField, IntegerField

from common.records.regressions import RegressionRecord
from common.stats.comparing.comparison import Outcome
from common.store.fields import JsonColumn, ShortText, Text
from common.store.tables import Table
from common.values.free_json import Json


class DeliveryState(StrEnum):
    PENDING = "pending"
    DELIVERED = "delivered"
    GIVEN_UP = "given-up"


class EndReason(StrEnum):
    """Why a regression is over."""

    RECOVERED = "recovered"  # a later session showed that the result is no longer worse
    WITHDRAWN = "withdrawn"  # sessions were deleted or imported, and without or with them nothing shows it


class Regression(Table):
    """A lasting change in one history: of a model, test type, metric, host and options as text.

    Its `outcome` is `worse`, or `better` for an improvement. It began at the session `first`, and the session `seen`
    showed it. Both are ids of sessions that may have been deleted since. `opened_at` is when Gait found it. One that is
    over has `over_at`.
    """

    id = ShortText(primary_key=True, max_length=36)
    model = ShortText()
    test_type = ShortText(max_length=64)
    metric = ShortText(max_length=64)
    host = ShortText()
    options = Text()
    outcome = ShortText(max_length=8, default=Outcome.WORSE)
    first = ShortText(max_length=36)
    first_at = DateTimeField()
    seen = ShortText(max_length=36)
    seen_at = DateTimeField()
    record: JsonColumn[RegressionRecord] = JsonColumn()
    opened_at = DateTimeField()
    over_at = DateTimeField(null=True)
    over_reason = ShortText(null=True, max_length=16)
    over_session = ShortText(null=True, max_length=36)
    over_sentence = Text(null=True)
    acknowledged_at = DateTimeField(null=True)
    note = Text(null=True)

    class Meta:
        indexes = (
            (("model", "test_type", "host"), False),
            (("host", "outcome", "opened_at", "id"), False),
            (("outcome", "opened_at", "id"), False),
            (("opened_at", "id"), False),
            (("over_at",), False),
            (("outcome", "first_at"), False),
            (("seen",), False),
            (("over_session",), False),
        )


class Receiver(Table):
    """Who is notified: a webhook with its `url`, or a service of NOTIFY_URLS, whose URL stays in the settings.

    It is sent the events that have happened since it was `created_at`. No attempt starts before `due_at`, which is also
    how long the process that attempts one has the receiver for itself. `failures` is how many attempts failed in a row.
    """

    id = ShortText(primary_key=True, max_length=36)
    name = ShortText(null=True)
    url = Text(null=True)
    secret = Text(null=True)
    events: JsonColumn[list[str]] = JsonColumn()
    enabled = BooleanField()
    created_at = DateTimeField()
    due_at = DateTimeField(null=True)
    failures = IntegerField(default=0)


class Event(Table):
    """Something that receivers are notified of. Its `text` is for people, its `data` for programs.

    `path` leads to its page.
    """

    id = AutoField()
    uid = ShortText(max_length=36, unique=True)
    type = ShortText(max_length=32)
    at = DateTimeField()
    created_at = DateTimeField(index=True)
    text = Text()
    path = Text()
    data: JsonColumn[Json] = JsonColumn()


class Delivery(Table):
    """An event on its way to a receiver. `status` is that of the last answer, and `message` says why it failed."""

    id = AutoField()
    receiver = ForeignKeyField(Receiver, backref="deliveries", on_delete="CASCADE", index=False)
    event = ForeignKeyField(Event, backref="deliveries", on_delete="CASCADE")
    state = ShortText(max_length=16, default=DeliveryState.PENDING)
    attempts = IntegerField(default=0)
    attempted_at = DateTimeField(null=True)
    status = IntegerField(null=True)
    message = Text(null=True)
    receiver_id: str
    event_id: int

    class Meta:
        indexes = ((("receiver", "state", "id"), False),)


class SamplerState(Table):
    """The last reading of a machine, in ms of Redis's clock, and since when it is missed. None: it is not."""

    machine = ShortText(primary_key=True)
    last_reading = BigIntegerField()
    silent_at = DateTimeField(null=True)
