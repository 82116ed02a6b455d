from collections.abc import Iterator
from pathlib import Path

import pytest

from common.catalogue import InvalidOptions, TestType
from common.metrics import METRICS
from common.ollama import Ollama
from tests.support.ollama_double import OllamaDouble
from worker import workloads
from worker.ollama import Driver
from worker.workload import REGISTRY, Bench, Workload, options
from worker.workloads.cold_start import ColdStart
from worker.workloads.decode import Decode

NAMES = ("cold-start", "decode", "prefill", "ttft")
OPTIONS = {"outputTokens": 16, "contextLength": 512}


@pytest.fixture
def bench(double: OllamaDouble) -> Bench:
    return Bench(Driver(Ollama(double.url)), "tiny:latest", OPTIONS)


def test_each_file_of_the_folder_registers_its_test_type() -> None:
    files = {path.stem for path in Path(workloads.__path__[0]).glob("[a-z]*.py")}
    assert {name.replace("-", "_") for name in REGISTRY} == files
    assert set(NAMES) <= REGISTRY.keys()


@pytest.mark.parametrize("name", NAMES)
def test_a_test_type_is_whole(name: str) -> None:
    test_type = REGISTRY[name].test_type
    assert test_type.name == name
    assert test_type.question.endswith("?")
    assert test_type.headline in METRICS
    assert REGISTRY[name].rate in METRICS
    assert TestType.from_description(test_type.describe()) == test_type


@pytest.mark.parametrize("name", NAMES)
def test_its_defaults_are_allowed_and_fit_together(name: str) -> None:
    test_type = REGISTRY[name].test_type
    resolved = test_type.resolve({})
    assert resolved == {option.name: option.default for option in test_type.options}
    assert test_type.resolve(dict(resolved)) == resolved


@pytest.mark.parametrize("name", NAMES)
def test_its_ranges_are_held(name: str) -> None:
    test_type = REGISTRY[name].test_type
    for option in test_type.options:
        for outside in (option.minimum - 1, option.maximum + 1):
            with pytest.raises(InvalidOptions, match=f"{option.name}: must be from {option.minimum}"):
                test_type.resolve({option.name: outside})


@pytest.fixture
def added() -> Iterator[type[Workload]]:
    class Added(Workload):
        test_type = TestType(
            "added", "Is it there?", "loadTime", options(prompt_tokens=64, output_tokens=16, repetitions=(1, 2))
        )

    yield Added
    del REGISTRY["added"]


def test_a_subclass_is_all_that_a_new_test_type_needs(added: type[Workload]) -> None:
    assert REGISTRY["added"] is added
    assert added.test_type.resolve({"promptTokens": 99})["promptTokens"] == 99


def test_a_run_begins_with_the_model_in_memory(bench: Bench, double: OllamaDouble) -> None:
    Decode().before_run(bench, "1 spare")
    assert [seen.prompt for seen in double.seen] == ["1 spare"]
    Decode().before_run(bench, "2 spare")
    assert len(double.seen) == 1  # it is there already


def test_a_cold_start_begins_with_the_model_out_of_memory(bench: Bench, double: OllamaDouble) -> None:
    for number in range(3):
        ColdStart().before_run(bench, "spare")
        assert not double.loaded
        bench.generate(f"{number} run")
    assert [seen.warm for seen in double.seen] == [False] * 3
    assert double.unloads == [0, 1, 2]
