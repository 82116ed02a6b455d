"""Schedules: what is sent, and what is answered."""

from typing import Any

from marshmallow import fields, pre_load

from api.schemas import Answer, Wire
from api.schemas.flag import Flag
from api.schemas.metrics import Stored
from api.schemas.results import Page, limit, moment, page
from api.schemas.sessions.submission import NewSession
from api.schemas.text import checked_by, text
from common.values.cron import check_cron, check_zone

MAX_SCHEDULES = 100
"""Maximum number of schedules on a page."""


class SchedulePatch(Wire):
    """What to change of a schedule. A field that is absent stays as it is, and null resets it."""

    name = text(200, allow_none=True)
    cron = text(
        100,
        checked_by(check_cron),
        metadata={
            "description": "Minute, hour, day of month, month and day of week, as cron reads them. If both days are "
            "given, either is enough. `@hourly`, `@daily`, `@weekly` and `@monthly` are known too.",
            "example": "30 2 * * 1-5",
        },
    )
    time_zone = text(
        64,
        checked_by(check_zone),
        allow_none=True,
        metadata={
            "description": "The time zone of `cron`, by its name in the IANA database. A time that its clock skips "
            "comes as much later as the clock is put forward. A time that its clock shows twice comes once, unless "
            "`cron` is for every hour. Default: UTC.",
            "example": "Europe/Berlin",
        },
    )
    session = fields.Nested(
        NewSession,
        metadata={"description": "A body of `POST /test-sessions`. It is checked now, and again at each time."},
    )
    enabled = Flag(
        allow_none=True,
        metadata={
            "description": "Whether it submits sessions. Times that pass while it does not are not made up for. "
            "Default: true."
        },
    )


class NewSchedule(SchedulePatch):
    """A schedule to store."""

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        super().on_bind_field(field_name, field_obj)
        field_obj.required = field_name in ("cron", "session")

    @pre_load
    def _without_nulls(self, data: Any, **_: Any) -> Any:  # noqa: ANN401 - as in marshmallow
        """Leave out what is null, as clients of typed languages write what is absent."""
        return {name: value for name, value in data.items() if value is not None} if isinstance(data, dict) else data


class ScheduleQuery(Wire):
    page = page()
    limit = limit(20, MAX_SCHEDULES)


class Schedule(Answer):
    """A schedule, and what became of its last time."""

    id = fields.String(metadata={"format": "uuid"})
    name = fields.String(allow_none=True)
    date = moment("When it was stored.")
    cron = fields.String()
    time_zone = fields.String()
    session = Stored(
        NewSession, allow_none=True, metadata={"description": "The body that is submitted. null if it cannot be read."}
    )
    enabled = fields.Boolean()
    next_time = moment(
        "The next time, or the one that is due and tried again. null while it is disabled.", allow_none=True
    )
    last_time = moment(
        "The last time for which a session was submitted, or was not because of `lastError`.", allow_none=True
    )
    last_session = fields.String(
        allow_none=True, metadata={"format": "uuid", "description": "The session that it submitted last."}
    )
    last_error = fields.String(
        allow_none=True,
        metadata={"description": "Why the last time led to no session, or why the one that is due has not yet."},
    )
    message = fields.String(allow_none=True, metadata={"description": "Why nothing is submitted now, if so."})


class ScheduleList(Page):
    """A page of schedules, newest first."""

    schedules = fields.List(fields.Nested(Schedule))
