import pytest

from common.ollama import LoadedModel
from worker.verdicts import Severity, memory

MS = 1_000_000


def loaded(name: str = "m:latest", digest: str = "d", size: int = 1000, vram: int = 0) -> LoadedModel:
    return LoadedModel(name, digest, size, vram, None)


@pytest.mark.parametrize(("vram", "told"), [(0, False), (600, True), (1000, False)])
def test_a_model_that_is_partly_on_the_gpu_is_flagged(vram: int, *, told: bool) -> None:
    assert (memory.partly_on_cpu(loaded(vram=vram)) is not None) == told


@pytest.mark.parametrize(
    ("load_ms", "warm_ups_ms", "told"),
    [
        (499, [2, 3], False),  # slow, but no load
        (501, [2, 3], True),
        (501, [80, 100], False),  # within ten times what is usual here
        (901, [80, 100], True),
        (501, [], True),
    ],
)
def test_a_warm_run_that_loaded_the_model_is_rejected(load_ms: int, warm_ups_ms: list[int], *, told: bool) -> None:
    found = memory.reloaded(load_ms * MS, [warm_up * MS for warm_up in warm_ups_ms], there=True)
    assert (found is not None and found.severity == Severity.REJECTS) == told


def test_a_warm_run_of_a_model_that_was_not_there_is_rejected() -> None:
    found = memory.reloaded(3 * MS, [2 * MS, 4 * MS], there=False)
    assert found is not None
    assert found.evidence == {"loadedBefore": False, "loadTime": 3, "warmUps": 3}


def test_other_models_are_flagged_with_their_sizes() -> None:
    assert memory.other_models([]) is None
    found = memory.other_models([loaded("a:7b", "a", 7000, 5000)])
    assert found is not None
    assert (found.name, found.severity) == ("other-model", Severity.FLAGS)
    assert found.evidence == {"models": {"a:7b": {"size": 7000, "sizeVram": 5000}}}


def test_another_name_of_the_same_file_is_the_same_model() -> None:
    assert memory.is_model(loaded("m:latest"), "m:latest", None)
    assert memory.is_model(loaded("copy:latest", "d"), "m:latest", "d")
    assert not memory.is_model(loaded("other:latest", "o"), "m:latest", "d")
