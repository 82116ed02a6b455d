"""What the machine did during runs, as JSON. Units are those of the readings; None is unknown."""

from typing import Literal, NotRequired, TypedDict

from common.values.free_json import Json


class PhaseRecord(TypedDict):
    """A phase of a request, from `start` to `end` in ms of Redis's clock."""

    phase: str
    start: float
    end: float


class RunPhase(PhaseRecord):
    """A phase of a session with the run that it belongs to. The idle time before a test belongs to no run."""

    model_name: str
    test_type: str
    point: int | None
    repetition: int | None


class Level(TypedDict):
    """A measure over the readings of a phase."""

    mean: float
    peak: float


class EnergyRecord(TypedDict):
    """Joules in `duration` ms, of the GPUs and of the CPU packages. `value` is the sum of what is known."""

    value: float
    gpu: float | None
    cpu: float | None
    source: Literal["counter", "power"]
    duration: float


class Observation(TypedDict):
    """What the machine did in a phase that took `duration` ms in all, by a number of readings."""

    readings: int
    duration: float
    cpu: Level | None
    gpu: Level | None
    ram: Level | None
    vram: Level | None
    gpuPower: Level | None
    gpuTemperature: Level | None
    cpuTemperature: Level | None
    smClock: Level | None
    cpuFrequency: Level | None
    energy: EnergyRecord | None


class BaselineRecord(TypedDict):
    """The idle machine before a test, from `start` to `end` in ms of Redis's clock.

    `usage` has the fields of `common.records.usage.Usage`, which only the worker reads. `models` were in memory, by
    name. `loaded` is the machine with the model under test in memory, recorded before the first run. Earlier releases
    recorded neither.
    """

    start: int
    end: int
    usage: Json
    observed: Observation
    models: NotRequired[list[str]]
    loaded: NotRequired["BaselineRecord"]


Peaks = dict[str, float | None]
"""The highest value of each measure."""
