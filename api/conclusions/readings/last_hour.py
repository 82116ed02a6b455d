"""The last hour of a host's machine, from the readings in Redis: few of them, at equal distances."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from redis import Redis

from common.messaging import streams
from common.messaging.redis import clock_ms, readings_of
from common.messaging.streams import Message
from common.values.free_json import Json

HOUR_MS = 3_600_000
POINTS = 120
"""Readings of the hour: one every 30 seconds. A page that reads all 36,000 would take half a second."""

Values = Sequence[float | None]


@dataclass(frozen=True)
class Line:
    """A measure at each reading, None where it is unknown. `most` is the end of its scale, None if it has none."""

    name: str
    label: str
    unit: str
    values: Values
    most: float | None

    @property
    def last(self) -> float | None:
        """The newest known value."""
        return next((value for value in reversed(self.values) if value is not None), None)


@dataclass(frozen=True)
class LastHour:
    """The readings from `start` to `end`, both in ms of Redis's clock. Measures that no reading has are left out."""

    start: int
    end: int
    at: Sequence[int]
    lines: Sequence[Line]


def last_hour(redis: Redis, host: str, points: int = POINTS) -> LastHour:
    """Return the last hour. Each point is one reading, so that a peak between two points is not seen."""
    [found] = last_hours(redis, [host], points)
    return found


def last_hours(redis: Redis, hosts: Sequence[str], points: int = POINTS) -> list[LastHour]:
    """Return the last hour of each host, all at once."""
    end = clock_ms(redis)
    start = end - HOUR_MS
    found = streams.sampled(redis, [readings_of(host) for host in hosts], start, end + 1, points)
    return [_last_hour(start, end, messages) for messages in found]


def _last_hour(start: int, end: int, found: Sequence[Message]) -> LastHour:
    readings = [reading for _, reading in found]
    lines = [_line(measure, readings) for measure in MEASURES]
    known = [line for line in lines if line.last is not None]
    return LastHour(start, end, [at for at, _ in found], known)


def _line(measure: "Measure", readings: Sequence[Json]) -> Line:
    ends = [end for reading in readings if (end := measure.most(reading)) is not None]
    values = [measure.value(reading) for reading in readings]
    return Line(measure.name, measure.label, measure.unit, values, max(ends, default=None))


Read = Callable[[Json], float | None]


def _part(section: str, field: str) -> Read:
    """Return a function that reads a number of a section of a reading."""

    def read(reading: Json) -> float | None:
        known = reading.get(section)
        return _number(known.get(field)) if isinstance(known, dict) else None

    return read


def _of_gpus(field: str, combine: Callable[[Sequence[float]], float]) -> Read:
    """Return a function that combines a number of all GPUs. A GPU without it counts for nothing."""

    def read(reading: Json) -> float | None:
        gpus = reading.get("gpus")
        known = [_number(gpu.get(field)) for gpu in gpus if isinstance(gpu, dict)] if isinstance(gpus, list) else []
        numbers = [value for value in known if value is not None]
        return combine(numbers) if numbers else None

    return read


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _percent(_: Json) -> float | None:
    return 100.0


def _open(_: Json) -> float | None:
    return None


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


@dataclass(frozen=True)
class Measure:
    """What reads a value of a reading, and the end of its scale."""

    name: str
    label: str
    unit: str
    value: Read
    most: Read


MEASURES = (
    Measure("gpu", "GPU", "%", _of_gpus("utilization", _mean), _percent),
    Measure("vram", "VRAM", "bytes", _of_gpus("memoryUsed", sum), _of_gpus("memoryTotal", sum)),
    Measure("cpu", "CPU", "%", _part("cpu", "percent"), _percent),
    Measure("ram", "RAM", "bytes", _part("memory", "used"), _part("memory", "total")),
    Measure("gpuPower", "GPU power", "W", _of_gpus("power", sum), _open),
    Measure("gpuTemperature", "GPU temperature", "°C", _of_gpus("temperature", max), _open),
)
"""GPUs together: the mean of their use, the sum of their memory and power, and the hottest one's temperature."""
