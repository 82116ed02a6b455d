"""The events that notifications are sent for."""

from enum import StrEnum


class EventType(StrEnum):
    SESSION_FINISHED = "session.finished"
    SESSION_FAILED = "session.failed"
    SESSION_CANCELLED = "session.cancelled"
    REGRESSION_OPENED = "regression.opened"
    REGRESSION_OVER = "regression.over"
    SAMPLER_SILENT = "sampler.silent"
    SAMPLER_BACK = "sampler.back"
    TEST = "test"  # sent to one receiver because somebody asked for it


SUBSCRIBABLE = tuple(event_type for event_type in EventType if event_type is not EventType.TEST)
"""The events that a receiver may choose from."""

DESCRIPTIONS = {
    EventType.SESSION_FINISHED: "a session has ended, and at least one of its tests completed",
    EventType.SESSION_FAILED: "a session has ended, and none of its tests completed",
    EventType.SESSION_CANCELLED: "a session was cancelled",
    EventType.REGRESSION_OPENED: "a session showed that a result has become worse for good",
    EventType.REGRESSION_OVER: "a session showed that it is no longer worse, or the sessions that showed it are gone",
    EventType.SAMPLER_SILENT: "a machine's sampler has sent no readings for a minute",
    EventType.SAMPLER_BACK: "it sends readings again",
}
