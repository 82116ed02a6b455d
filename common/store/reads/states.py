"""States of sessions as people know them: each is a status, or some phases of one."""

from collections.abc import Collection
from enum import StrEnum
from functools import reduce
from operator import or_
from typing import Protocol

from peewee import Expression

from common.store.reads.lists.pages import unindexed
from common.store.search_tables import SessionTotal
from common.store.tables import Phase, Session, Status


class State(StrEnum):
    """The state of a session. QUEUED and RUNNING have the status `running`, ERROR and CANCELLED the status `error`."""

    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    ERROR = "error"
    CANCELLED = "cancelled"


PHASES: dict[Status, dict[State, tuple[Phase, ...]]] = {
    Status.RUNNING: {
        State.QUEUED: (Phase.QUEUED,),
        State.RUNNING: (Phase.PREPARING, Phase.WARMING_UP, Phase.MEASURING),
    },
    Status.COMPLETED: {State.COMPLETED: (Phase.FINISHED,)},
    Status.ERROR: {State.ERROR: (Phase.FINISHED,), State.CANCELLED: (Phase.CANCELLED,)},
}
"""The states of each status, with their phases."""

Counted = type[Session] | type[SessionTotal]
"""The sessions, or their totals, which have the same two columns."""


class HasState(Protocol):
    """A session, or what a list reads of one."""

    @property
    def status(self) -> str: ...
    @property
    def phase(self) -> str: ...


def state_of(session: Session | HasState) -> State:
    """Return the state of a session."""
    known = PHASES[Status(session.status)]
    return next((state for state, phases in known.items() if session.phase in phases), State(session.status))


def in_states(wanted: Collection[State], *, of: Counted = Session, by_index: bool = True) -> list[Expression]:
    """Return the conditions for sessions in any of these states. All sessions match none or all of the states."""
    if not wanted or len(set(wanted)) == len(State):
        return []
    parts = [part for status in Status if (part := _of_status(of, status, wanted, by_index=by_index)) is not None]
    return [reduce(or_, parts)]


def _of_status(of: Counted, status: Status, wanted: Collection[State], *, by_index: bool) -> Expression | None:
    found = {state: phases for state, phases in PHASES[status].items() if state in wanted}
    if not found:
        return None
    has_status: Expression = (of.status if by_index else unindexed(of.status)) == status
    if len(found) > 1:
        return has_status
    (phases,) = found.values()  # also if all have them, because there is an index for one status and phase
    return has_status & (of.phase == phases[0] if len(phases) == 1 else of.phase.in_(phases))
