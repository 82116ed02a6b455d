import pytest

from common.ollama.models import LoadedModel
from common.records.usage import Usage
from worker.verdicts import Severity, memory

MS = 1_000_000


def loaded(name: str = "m:latest", digest: str = "d", size: int = 1000, vram: int = 0) -> LoadedModel:
    return LoadedModel(name, digest, size, vram, None)


@pytest.mark.parametrize(("vram", "flagged"), [(0, False), (600, True), (1000, False)])
def test_a_model_that_is_partly_on_the_gpu_is_flagged(vram: int, *, flagged: bool) -> None:
    assert (memory.partly_on_cpu(loaded(vram=vram)) is not None) == flagged


# Comparison with NVML

WHOLE, PART, ON_CPU = loaded(vram=1000), loaded("part", vram=600), loaded("cpu", vram=0)


def seen(vram: float | None, foreign: float | None = 0) -> Usage:
    return Usage(10, None, vram, None, None, foreign_vram=foreign)


@pytest.mark.parametrize(
    ("before_each", "usage", "flagged"),
    [
        ([[WHOLE]], seen(499), True),
        ([[WHOLE]], seen(500), False),
        ([[WHOLE]], seen(1300), False),
        ([[WHOLE]], seen(0), True),
        ([[WHOLE]], seen(None), False),
        ([[WHOLE]], seen(0, None), False),
        ([[WHOLE]], seen(0, 999), True),
        ([[WHOLE]], seen(0, 1000), False),  # an unlisted process may hold it
        ([[WHOLE, WHOLE]], seen(999), True),
        ([[WHOLE], [WHOLE, WHOLE]], seen(999), False),  # the other one came later
        ([[PART]], seen(0), False),
        ([[ON_CPU]], seen(0), False),
        ([[]], seen(0), False),
        ([], seen(0), False),
    ],
)
def test_vram_that_nvml_does_not_report_is_flagged(
    before_each: list[list[LoadedModel]], usage: Usage, *, flagged: bool
) -> None:
    assert (memory.vram_disagrees(before_each, usage) is not None) == flagged


def test_both_sizes_are_evidence_in_bytes() -> None:
    found = memory.vram_disagrees([[WHOLE]], seen(300, 20))
    assert found is not None
    assert (found.name, found.severity) == ("vram-disagrees", Severity.FLAGS)
    assert found.evidence == {"sizeVram": 1000, "vram": 300, "foreignVram": 20, "readings": 10}


# Loads and other models


@pytest.mark.parametrize(
    ("load_ms", "warm_ups_ms", "flagged"),
    [
        (499, [2, 3], False),  # slow, but not a load
        (501, [2, 3], True),
        (501, [80, 100], False),  # within ten times the warm-ups
        (901, [80, 100], True),
        (501, [], True),
    ],
)
def test_a_warm_run_that_loaded_the_model_is_rejected(load_ms: int, warm_ups_ms: list[int], *, flagged: bool) -> None:
    found = memory.reloaded(load_ms * MS, [warm_up * MS for warm_up in warm_ups_ms], loaded_before=True)
    assert (found is not None and found.severity == Severity.REJECTS) == flagged


def test_a_warm_run_of_an_unloaded_model_is_rejected() -> None:
    found = memory.reloaded(3 * MS, [2 * MS, 4 * MS], loaded_before=False)
    assert found is not None
    assert found.evidence == {"loadedBefore": False, "loadTime": 3, "warmUps": 3}


def test_other_models_are_flagged_with_their_sizes() -> None:
    assert memory.other_models([]) is None
    found = memory.other_models([loaded("a:7b", "a", 7000, 5000)])
    assert found is not None
    assert (found.name, found.severity) == ("other-model", Severity.FLAGS)
    assert found.evidence == {"models": {"a:7b": {"size": 7000, "sizeVram": 5000}}}
