"""Presets: test types that answer a need together, with the effort that it is worth."""

from dataclasses import dataclass

from common.catalogue.effort import Effort
from common.catalogue.test_types import TEST_TYPES


@dataclass(frozen=True)
class Preset:
    """What to submit for a need. `purpose` is the question that brings somebody to it.

    `minutes` is about how long it takes for one model of 8 billion parameters on a GPU, until it was measured here.
    """

    name: str
    title: str
    purpose: str
    test_types: tuple[str, ...]
    effort: Effort
    minutes: int
    tags: tuple[str, ...] = ()


_USUAL = tuple(name for name, test_type in TEST_TYPES.items() if test_type.needs == "completion")

PRESETS = (
    Preset("quick-look", "Quick look", "How fast is it, about?", ("ttft", "decode"), Effort.QUICK, 2),
    Preset(
        "chat",
        "Chat",
        "How does a conversation feel?",
        ("ttft", "decode", "cold-start", "prefix-cache", "multi-turn"),
        Effort.STANDARD,
        10,
    ),
    Preset(
        "server",
        "Server for several users",
        "How many people can it serve?",
        ("ttft", "decode", "capacity", "concurrency"),
        Effort.STANDARD,
        20,
    ),
    Preset("everything", "Everything", "What can it do, and where are its limits?", _USUAL, Effort.STANDARD, 60),
    Preset(
        "nightly",
        "Nightly",
        "Has it changed since yesterday?",
        ("ttft", "prefill", "decode"),
        Effort.STANDARD,
        5,
        ("nightly",),
    ),
)
