"""Which values of a reading are stored, and how finely.

Not stored: the load of each core, which on a machine of 128 would cost more than all the rest together, and the names
of busy processes, which are the business of whoever uses the machine.
"""

from collections.abc import Sequence
from typing import Any, TypeVar

from common.messaging.streams import Message
from common.telemetry.series import Channel, Series, Words

Json = dict[str, Any]
Value = TypeVar("Value")

PERCENT = ("%", 0.1)
CELSIUS = ("°C", 0.1)
MHZ = ("MHz", 1.0)
BYTES = ("bytes", 65_536.0)
WATTS = ("W", 0.1)
JOULES = ("J", 0.1)
PLAIN = ("", 1.0)

OF_THE_MACHINE = {
    Channel("cpu", *PERCENT): ("cpu", "percent"),
    Channel("cpuFrequency", *MHZ): ("cpu", "frequency"),
    Channel("cpuTemperature", *CELSIUS): ("cpu", "temperature"),
    Channel("ramUsed", *BYTES): ("memory", "used"),
    Channel("ramAvailable", *BYTES): ("memory", "available"),
    Channel("swapUsed", *BYTES): ("memory", "swapUsed"),
    Channel("ollamaCpu", *PERCENT): ("ollama", "cpu"),
    Channel("ollamaMemory", *BYTES): ("ollama", "memory"),
    Channel("packageEnergy", *JOULES): ("energy", "package"),
    Channel("batteryCharge", *PERCENT): ("battery", "percent"),
    Channel("batteryPlugged", *PLAIN): ("battery", "plugged"),
}
"""Each with its part of a reading and its name there."""

OF_A_GPU = {
    "utilization": PERCENT,
    "utilizationForeign": PERCENT,
    "memoryUsed": BYTES,
    "memoryOllama": BYTES,
    "power": WATTS,
    "energy": JOULES,
    "temperature": CELSIUS,
    "memoryTemperature": CELSIUS,
    "smClock": MHZ,
    "memoryClock": MHZ,
    "pcieGeneration": PLAIN,
}
"""Named as in a reading."""

THROTTLE = "throttle"
COUNTERS = frozenset({"J"})
"""The units of what only grows."""


def series(messages: Sequence[Message]) -> Series:
    """The readings of a host's stream, without the channels that none of them tells."""
    readings = [reading for _, reading in messages]
    numbers = {
        channel: [channel.scaled(_part(reading, part).get(name)) for reading in readings]
        for channel, (part, name) in OF_THE_MACHINE.items()
    }
    words = {}
    by_index = [{gpu.get("index"): gpu for gpu in reading.get("gpus") or ()} for reading in readings]
    for index in sorted({index for gpus in by_index for index in gpus if isinstance(index, int)}):
        gpus = [found.get(index, {}) for found in by_index]
        for name, (unit, step) in OF_A_GPU.items():
            channel = Channel(name, unit, step, index)
            numbers[channel] = [channel.scaled(gpu.get(name)) for gpu in gpus]
        words[Channel(THROTTLE, "words", None, index)] = [_words(gpu.get(THROTTLE)) for gpu in gpus]
    return Series([at for at, _ in messages], _told(numbers), _told(words))


def _part(reading: Json, name: str) -> Json:
    return reading.get(name) or {}


def _words(found: list[str] | None) -> Words | None:
    return None if found is None else tuple(sorted(set(found)))


def _told(columns: dict[Channel, list[Value | None]]) -> dict[Channel, list[Value | None]]:
    return {channel: column for channel, column in columns.items() if any(value is not None for value in column)}
