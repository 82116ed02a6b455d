"""The stored values of a reading, and their resolution.

The load of each core is not stored, because for 128 cores it would take more space than all other values. The names of
busy processes are not stored either, because they are private.
"""

from collections.abc import Sequence
from typing import TypeVar

from common.messaging.streams import Message
from common.records.series import Channel, Series, Words
from common.values.free_json import Json

Value = TypeVar("Value")

PERCENT = ("%", 0.1)
CELSIUS = ("°C", 0.1)
MHZ = ("MHz", 1.0)
BYTES = ("bytes", 65_536.0)
WATTS = ("W", 0.1)
JOULES = ("J", 0.1)
COUNT = ("", 1.0)

MACHINE_CHANNELS = {
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
    Channel("batteryPlugged", *COUNT): ("battery", "plugged"),
}
"""Channels of the machine, with the part of a reading and the name in it."""

GPU_CHANNELS = {
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
    "pcieGeneration": COUNT,
}
"""Unit and resolution of a GPU's channels, by their names in a reading."""

THROTTLE = "throttle"
COUNTERS = frozenset({"J"})
"""Units of values that only increase."""


def series(messages: Sequence[Message]) -> Series:
    """Convert the messages of a host's stream, without the channels that are unknown in all of them."""
    readings = [reading for _, reading in messages]
    numbers = {
        channel: [channel.scaled(_part(reading, part).get(name)) for reading in readings]
        for channel, (part, name) in MACHINE_CHANNELS.items()
    }
    words = {}
    by_index = [{gpu.get("index"): gpu for gpu in reading.get("gpus") or ()} for reading in readings]
    for index in sorted({index for gpus in by_index for index in gpus if isinstance(index, int)}):
        gpus = [found.get(index, {}) for found in by_index]
        for name, (unit, step) in GPU_CHANNELS.items():
            channel = Channel(name, unit, step, index)
            numbers[channel] = [channel.scaled(gpu.get(name)) for gpu in gpus]
        words[Channel(THROTTLE, "words", None, index)] = [_words(gpu.get(THROTTLE)) for gpu in gpus]
    return Series([at for at, _ in messages], _known(numbers), _known(words))


def _part(reading: Json, name: str) -> Json:
    return reading.get(name) or {}


def _words(found: list[str] | None) -> Words | None:
    return None if found is None else tuple(sorted(set(found)))


def _known(columns: dict[Channel, list[Value | None]]) -> dict[Channel, list[Value | None]]:
    return {channel: column for channel, column in columns.items() if any(value is not None for value in column)}
