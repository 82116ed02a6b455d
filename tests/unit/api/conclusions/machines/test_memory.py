"""The memory that a model needs: measured as far as possible, computed beyond that, and unknown where it must be."""

from typing import Any

import pytest

from api.conclusions.machines.memory import Fit, Kind, Measured, measured, need
from api.conclusions.machines.memory_for_models import CacheSettings, Room
from common.ollama.context_memory import NOT_REPORTED, ContextMemory
from common.store.earlier.newest.memory import MemoryUse

GB = 2**30
GPU, CPU = Room(24 * GB, 64 * GB), Room(None, 16 * GB)
PER_TOKEN = ContextMemory(GB // 4096)  # 1 GB for 4096 tokens
ONE = CacheSettings()


def took(gigabytes: float, context: int = 4096, beside: float = 0, source: str = "readings of the GPU") -> Measured:
    return Measured(context, int(gigabytes * GB), int(beside * GB), source)


@pytest.mark.parametrize(
    ("known", "size", "context", "expected"),
    [
        ([took(10)], 9, 4096, (10, None, None, Fit.FITS)),
        ([took(10)], 9, 8192, (10, None, 1, Fit.FITS)),
        ([took(10), took(14, 16_384)], 9, 8192, (14, None, None, Fit.FITS)),  # a larger context was measured
        ([took(10), took(14, 16_384)], 9, 32_768, (14, None, 4, Fit.FITS)),
        ([took(23.5)], 23, 4096, (23.5, None, None, Fit.FITS)),  # it was loaded like this
        ([took(22)], 21, 8192, (22, None, 1, Fit.TIGHT)),
        ([took(24)], 23, 8192, (24, None, 1, Fit.SPLIT)),
        ([took(40, beside=16)], 40, 4096, (40, None, None, Fit.SPLIT)),
        ([], 9, 4096, (None, 9, 1, Fit.FITS)),
        ([], 21, 4096, (None, 21, 1, Fit.TIGHT)),
        ([], 40, 4096, (None, 40, 1, Fit.SPLIT)),
        ([], 90, 4096, (None, 90, 1, Fit.TOO_LARGE)),
        ([], None, 4096, (None, None, 1, None)),
    ],
)
def test_needs_against_the_memory_of_a_gpu(
    known: list[Measured], size: int | None, context: int, expected: tuple[Any, ...]
) -> None:
    found = need(context, known, Kind(size and size * GB, None, PER_TOKEN), ONE, GPU)
    parts = [part if part is None else part / GB for part in (found.measured, found.weights, found.added)]
    assert (*parts, found.fit) == expected


@pytest.mark.parametrize(
    ("size", "room", "fit"),
    [(9, CPU, Fit.FITS), (14, CPU, Fit.TIGHT), (16, CPU, Fit.TOO_LARGE), (9, Room(None, None), None)],
)
def test_needs_without_a_gpu_are_against_ram(size: int, room: Room, fit: Fit | None) -> None:
    assert need(4096, [], Kind(size * GB, None, PER_TOKEN), ONE, room).fit == fit


def test_what_is_unknown_is_not_zero() -> None:
    found = need(8192, [took(10)], Kind(9 * GB), ONE, GPU)
    assert (found.added, found.fit) == (None, None)
    assert found.notes == [f"the context beyond 4096 tokens is not included: {NOT_REPORTED.reason}"]
    assert need(8192, [took(30)], Kind(9 * GB), ONE, GPU).fit == Fit.SPLIT  # too large without the rest


def test_a_context_ends_with_that_of_the_model() -> None:
    found = need(131_072, [], Kind(9 * GB, 8192, PER_TOKEN), ONE, GPU)
    assert (found.context, found.added) == (8192, 2 * GB)
    assert found.notes == ["its context ends at 8192 tokens"]


def test_a_sliding_window_makes_a_most_of_it() -> None:
    notes = need(4096, [], Kind(9 * GB, None, ContextMemory(1, is_upper_bound=True)), ONE, GPU).notes
    assert notes == ["its context may take less: some layers keep only the last tokens"]


@pytest.mark.parametrize(
    ("settings", "tokens_bytes"),
    [
        (None, 1000),
        ({"OLLAMA_NUM_PARALLEL": "4"}, 4000),
        ({"OLLAMA_NUM_PARALLEL": None}, 1000),
        ({"OLLAMA_KV_CACHE_TYPE": "q8_0"}, 1000),  # it needs flash attention
        ({"OLLAMA_KV_CACHE_TYPE": "q8_0", "OLLAMA_FLASH_ATTENTION": "1"}, 531),
        ({"OLLAMA_KV_CACHE_TYPE": "new", "OLLAMA_FLASH_ATTENTION": "true"}, 1000),
    ],
)
def test_settings_of_the_server(settings: dict[str, str | None] | None, tokens_bytes: int) -> None:
    assert CacheSettings.of(settings).bytes_of(10, 100) == tokens_bytes


def test_slots_that_were_seen_count_unless_they_are_set() -> None:
    assert CacheSettings.of(None, 4).bytes_of(10, 100) == 4000
    assert CacheSettings.of({"OLLAMA_NUM_PARALLEL": "2"}, 4).bytes_of(10, 100) == 2000


def use(vram: float | None, ram: float | None, size: int | None, size_vram: int | None, **others: Any) -> MemoryUse:
    return MemoryUse(vram, ram, size, size_vram, **{"context": None, "is_alone": True, "settings": None} | others)


@pytest.mark.parametrize(
    ("seen", "room", "expected"),
    [
        (use(10, 1, 12, 12), GPU, (2048, 10, 0, "readings of the GPU")),
        (use(10, 1, 12, 8), GPU, (2048, 14, 4, "readings of the GPU")),
        (use(None, 1, 12, 12), GPU, (2048, 12, 0, "/api/ps")),
        (use(None, 1, 12, 0), GPU, None),  # all of it on the CPU
        (use(10, 1, 12, 12, context=4096), GPU, (4096, 10, 0, "readings of the GPU")),
        (use(10, 1, 12, 12, is_alone=False), GPU, None),
        (use(None, 11, 20, 0), CPU, (2048, 11, 0, "readings of the processes")),
        (use(None, 3, 20, 0), CPU, (2048, 20, 0, "/api/ps")),  # the file's pages were not counted
        (use(None, None, None, None), CPU, None),
    ],
)
def test_what_a_test_says_of_memory(seen: MemoryUse, room: Room, expected: tuple[Any, ...] | None) -> None:
    found = measured(seen, 2048, room, 9)
    assert found == (None if expected is None else Measured(*expected))


def test_the_smaller_limit_of_ram_counts() -> None:
    inventory = {"ram": {"total": 64 * GB}, "limits": {"memory": 8 * GB}, "gpu": [{"memory": 24 * GB}]}
    assert Room.of(inventory) == Room(24 * GB, 8 * GB)
    assert Room.of({"ram": {"total": 64}, "gpu": [{"memory": 48, "shared": 48}]}) == Room(None, 64)
    assert Room.of(None) == Room(None, None)
