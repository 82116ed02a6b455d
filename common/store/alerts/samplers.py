"""The state of each machine's sampler, stored so that its silence is published once."""

from collections.abc import Iterable
from datetime import datetime

from common.store.alerts.tables import SamplerState


def last_readings() -> dict[str, SamplerState]:
    """Return what is known of each machine."""
    return {state.machine: state for state in SamplerState.select()}


def note_reading(machine: str, last_reading: int) -> None:
    """Store the time of a machine's last reading, in ms of Redis's clock."""
    stored = SamplerState.insert(machine=machine, last_reading=last_reading)
    stored.on_conflict(conflict_target=[SamplerState.machine], preserve=[SamplerState.last_reading]).execute()


def begin_silence(machine: str, at: datetime, last_reading: int) -> bool:
    """Store that a machine's readings are missed. Return False if that is known."""
    speaking = (SamplerState.machine == machine) & SamplerState.silent_at.is_null()
    return bool(SamplerState.update(silent_at=at, last_reading=last_reading).where(speaking).execute())


def end_silence(machine: str, last_reading: int) -> bool:
    """Store that a machine's readings come again. Return False if that is known."""
    silent = (SamplerState.machine == machine) & SamplerState.silent_at.is_null(is_null=False)
    return bool(SamplerState.update(silent_at=None, last_reading=last_reading).where(silent).execute())


def keep_only(machines: Iterable[str]) -> None:
    """Forget machines that are no longer in the settings."""
    SamplerState.delete().where(SamplerState.machine.not_in(list(machines))).execute()
