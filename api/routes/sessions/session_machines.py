"""The machines of sessions in answers."""

from api.routes.machines.hardware import described
from api.schemas.machines.hardware import Hardware
from common.store.tables import Session
from common.values.free_json import Json

SCHEMA = Hardware()


class Machines:
    """The machines of some sessions, each serialised once. In a list of results, that would take most of the time."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], Json] = {}

    def of(self, session: Session) -> Json | None:
        """Return the machine that a session ran on, or None if no sampler has reported."""
        machine = session.hardware
        if machine is None:
            return None
        key = machine.digest, session.host
        if key not in self._known:
            whole = described(machine.inventory, session.host, machine.fingerprint, machine.digest)
            self._known[key] = SCHEMA.dump(whole)
        return self._known[key]
