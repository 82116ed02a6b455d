"""Verdicts on memory: what /api/ps lists, and whether the model was in memory when the run began."""

from collections.abc import Iterable, Sequence
from statistics import median

from common.catalogue.verdicts import on_runs, on_tests
from common.ollama.models import LoadedModel
from common.records.usage import Usage
from common.values.units import NS_PER_MS
from worker.verdicts import Verdict

PERCENT = 100
MIN_SHARE_WARM, MAX_SHARE_COLD = 0.9, 0.1
RELOAD_TIMES = 10
RELOAD_NS = 500_000_000
"""The load_duration of a warm model is scheduling, up to 100 ms. Loading a realistic model takes longer than this."""
MIN_SEEN_BY_NVML = 0.5
"""NVML also counts the driver's part of a process, so it reports more than the server. Below half is not rounding."""


def partly_on_cpu(loaded: LoadedModel) -> Verdict | None:
    if loaded.size is None or loaded.size_vram is None or not 0 < loaded.size_vram < loaded.size:
        return None
    return Verdict.of(on_tests.PARTLY_ON_CPU, {"size": loaded.size, "sizeVram": loaded.size_vram})


def vram_disagrees(loaded: Iterable[Sequence[LoadedModel]], usage: Usage) -> Verdict | None:
    """Flag models that are wholly on the GPU by /api/ps, `loaded` before each run, but not by NVML during the runs.

    The server reads the sizes from its engine's log. If it cannot, it reports the size of the file for both. In some
    containers NVML lists no processes; the memory in use without a known owner could then be the model's.
    """
    claimed = min(map(_wholly_on_gpu, loaded), default=0)
    if usage.vram is None or usage.foreign_vram is None:
        return None
    if usage.vram >= MIN_SEEN_BY_NVML * claimed or usage.vram + usage.foreign_vram >= claimed:
        return None
    evidence = {"sizeVram": claimed, "vram": usage.vram, "foreignVram": usage.foreign_vram, "readings": usage.readings}
    return Verdict.of(on_tests.VRAM_DISAGREES, evidence)


def _wholly_on_gpu(loaded: Sequence[LoadedModel]) -> int:
    """Return the bytes of the models that are wholly on the GPU."""
    return sum(model.size_vram or 0 for model in loaded if model.size_vram == model.size)


def offload_ignored(layers: int, vram_share: float | None) -> Verdict | None:
    """Flag a model that is on the GPU although no layers were requested there, or the other way round."""
    if vram_share is None or (layers > 0) == (vram_share > 0):
        return None
    return Verdict.of(on_runs.OFFLOAD_IGNORED, {"layers": layers, "vramShare": round(vram_share, 1)})


def reloaded(load_ns: int | None, warm_ups_ns: Sequence[int], *, loaded_before: bool) -> Verdict | None:
    """Reject a warm run if the model was not in memory before it, or was loaded again during it.

    `warm_ups_ns` are the load durations of the warm-ups. An unknown `load_ns` says nothing.
    """
    usual = median(warm_ups_ns) if warm_ups_ns else 0
    if loaded_before and (load_ns is None or load_ns <= max(RELOAD_NS, RELOAD_TIMES * usual)):
        return None
    load_time = None if load_ns is None else load_ns / NS_PER_MS
    evidence = {"loadedBefore": loaded_before, "loadTime": load_time, "warmUps": usual / NS_PER_MS}
    return Verdict.of(on_runs.RELOADED, evidence)


def still_loaded() -> Verdict:
    """Reject a cold run, because the model was in memory before it."""
    return Verdict.of(on_runs.STILL_LOADED, {"loadedBefore": True})


def page_cache(share: float | None, *, cold: bool) -> Verdict | None:
    """Compare the `share` of the model's file in the page cache with what the run needs."""
    if share is None:
        return None
    evidence = {"cached": round(PERCENT * share, 1)}
    if cold and share > MAX_SHARE_COLD:
        return Verdict.of(on_runs.PAGE_CACHE_WARM, evidence)
    if not cold and share < MIN_SHARE_WARM:
        return Verdict.of(on_runs.PAGE_CACHE_COLD, evidence)
    return None


def other_models(others: Sequence[LoadedModel]) -> Verdict | None:
    """Flag other models in memory. They take memory, and their requests may run at the same time."""
    if not others:
        return None
    sizes = {loaded.name: {"size": loaded.size, "sizeVram": loaded.size_vram} for loaded in others}
    return Verdict.of(on_runs.OTHER_MODEL, {"models": sizes})
