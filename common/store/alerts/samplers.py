"""What is known of each host's sampler, so that its silence is told once."""

from collections.abc import Iterable
from datetime import datetime

from common.store.alerts.tables import SamplerState


def last_readings() -> dict[str, SamplerState]:
    """Return what is known of each host."""
    return {state.host: state for state in SamplerState.select()}


def note_reading(host: str, last_reading: int) -> None:
    """Store the time of a host's last reading, in ms of Redis's clock."""
    stored = SamplerState.insert(host=host, last_reading=last_reading)
    stored.on_conflict(conflict_target=[SamplerState.host], preserve=[SamplerState.last_reading]).execute()


def begin_silence(host: str, at: datetime, last_reading: int) -> bool:
    """Store that a host's readings are missed. Return False if that is known."""
    speaking = (SamplerState.host == host) & SamplerState.silent_at.is_null()
    return bool(SamplerState.update(silent_at=at, last_reading=last_reading).where(speaking).execute())


def end_silence(host: str, last_reading: int) -> bool:
    """Store that a host's readings come again. Return False if that is known."""
    silent = (SamplerState.host == host) & SamplerState.silent_at.is_null(is_null=False)
    return bool(SamplerState.update(silent_at=None, last_reading=last_reading).where(silent).execute())


def keep_only(hosts: Iterable[str]) -> None:
    """Forget hosts that are no longer in the settings."""
    SamplerState.delete().where(SamplerState.host.not_in(list(hosts))).execute()
