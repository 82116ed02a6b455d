"""What was in the server's memory, by /api/ps, and was it there when the run began?"""

from collections.abc import Iterable, Sequence
from statistics import median

from common.ollama.client import LoadedModel
from common.units import NS_PER_MS
from worker.machine.usage import Usage
from worker.verdicts import Severity, Verdict

PERCENT = 100
MOSTLY_IN, MOSTLY_OUT = 0.9, 0.1
RELOAD_TIMES = 10
RELOAD_NS = 500_000_000
"""A warm model's load_duration is scheduling, up to 100 ms; no load of a model that matters takes less than this."""

WITNESSED = 0.5
"""NVML counts the driver's part of a process too, and so is above the server's figure; below half is no rounding."""


def is_model(loaded: LoadedModel, name: str, digest: str | None) -> bool:
    """A model stands in memory by the name that it was first asked for; it may have several."""
    return loaded.name == name or loaded.digest == digest


def partly_on_cpu(loaded: LoadedModel) -> Verdict | None:
    if not 0 < loaded.size_vram < loaded.size:
        return None
    evidence = {"size": loaded.size, "sizeVram": loaded.size_vram}
    advice = "the model does not fit the GPU; a smaller quantisation or context would run faster"
    return Verdict("partly-on-cpu", Severity.FLAGS, evidence, advice)


def vram_disagrees(loaded: Iterable[Sequence[LoadedModel]], usage: Usage) -> Verdict | None:
    """All is on the GPU by /api/ps, `loaded` before each run, and NVML does not see it there during the runs.

    The server reads the sizes from its engine's log, and takes the file's size for both where it cannot. In some
    containers NVML lists no process; then there is more memory in use than it lists, which could be the model's.
    """
    claimed = min(map(_wholly_on_gpu, loaded), default=0)
    if usage.vram is None or usage.foreign_vram is None:
        return None
    if usage.vram >= WITNESSED * claimed or usage.vram + usage.foreign_vram >= claimed:
        return None
    evidence = {"sizeVram": claimed, "vram": usage.vram, "foreignVram": usage.foreign_vram, "readings": usage.readings}
    advice = (
        "the model is not on an NVIDIA GPU as the server claims; its log may say why, or another maker's GPU has it"
    )
    return Verdict("vram-disagrees", Severity.FLAGS, evidence, advice)


def _wholly_on_gpu(loaded: Sequence[LoadedModel]) -> int:
    """Bytes of the models of which nothing is said to be elsewhere."""
    return sum(model.size_vram for model in loaded if model.size_vram == model.size)


def offload_ignored(layers: int, vram_share: float | None) -> Verdict | None:
    """Whether some of the model is on the GPU although no layer was to be, or none although some were."""
    if vram_share is None or (layers > 0) == (vram_share > 0):
        return None
    evidence = {"layers": layers, "vramShare": round(vram_share, 1)}
    advice = "the server placed the model as it saw fit; its engine does not take num_gpu"
    return Verdict("offload-ignored", Severity.FLAGS, evidence, advice)


def reloaded(load_ns: int, warm_ups_ns: Sequence[int], *, there: bool) -> Verdict | None:
    """A run that is to be warm was not: the model was not there before it, or was loaded anew within it.

    `warm_ups_ns` are the load durations of the warm-ups.
    """
    usual = median(warm_ups_ns) if warm_ups_ns else 0
    if there and load_ns <= max(RELOAD_NS, RELOAD_TIMES * usual):
        return None
    evidence = {"loadedBefore": there, "loadTime": load_ns / NS_PER_MS, "warmUps": usual / NS_PER_MS}
    advice = "something made the server load the model anew: another client, other options, or too little memory"
    return Verdict("reloaded", Severity.REJECTS, evidence, advice)


def still_loaded() -> Verdict:
    """For a run that is to be cold."""
    evidence = {"loadedBefore": True}
    return Verdict("still-loaded", Severity.REJECTS, evidence, "another client has loaded the model; keep it away")


def page_cache(share: float | None, *, cold: bool) -> Verdict | None:
    """Whether the model's file was in the page cache, or out of it, as the run claims; `share` of it was."""
    if share is None:
        return None
    evidence = {"cached": round(PERCENT * share, 1)}
    if cold and share > MOSTLY_OUT:
        advice = "another process keeps the model's file in memory; end it"
        return Verdict("page-cache-warm", Severity.REJECTS, evidence, advice)
    if not cold and share < MOSTLY_IN:
        advice = "the RAM does not hold the model's file beside the rest: each start reads it from disk"
        return Verdict("page-cache-cold", Severity.FLAGS, evidence, advice)
    return None


def other_models(others: Sequence[LoadedModel]) -> Verdict | None:
    """Memory that another model holds is not there for this one, and its requests may run at the same time."""
    if not others:
        return None
    sizes = {loaded.name: {"size": loaded.size, "sizeVram": loaded.size_vram} for loaded in others}
    advice = "another model shared the memory; unload it (ollama stop NAME) to measure this one alone"
    return Verdict("other-model", Severity.FLAGS, {"models": sizes}, advice)
