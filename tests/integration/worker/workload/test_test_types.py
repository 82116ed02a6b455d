"""What every test type has to be, and how runs begin. Each type has a file of its own in ../test_types."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from common.catalogue.metrics import METRICS
from common.catalogue.test_types import InvalidOptions, TestType
from testbed.ollama_double import OllamaDouble
from tests.support.run_contexts import bench_on
from worker import test_types
from worker.test_types.decode import Decode
from worker.workload.prompts import PromptTemplate
from worker.workload.run_context import RunContext
from worker.workload.test_type import REGISTRY, Workload, context_length, output_tokens, prompt_tokens, repetitions

NAMES = sorted(REGISTRY)


@pytest.fixture
def context(double: OllamaDouble) -> RunContext:
    return bench_on(double, Decode.test_type)


def test_each_file_of_the_folder_registers_its_test_type() -> None:
    files = {path.stem for path in Path(test_types.__path__[0]).glob("[a-z]*.py")}
    assert {name.replace("-", "_") for name in REGISTRY} == files


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
    assert resolved.keys() == {option.name for option in test_type.options}
    assert test_type.resolve(resolved) == resolved


@pytest.mark.parametrize("name", NAMES)
def test_its_ranges_are_held(name: str) -> None:
    test_type = REGISTRY[name].test_type
    for option in test_type.options:
        for outside in (option.minimum - 1, option.maximum + 1):
            with pytest.raises(InvalidOptions, match=f"{option.name}: must be from {option.minimum}"):
                test_type.resolve({option.name: outside})


@pytest.mark.parametrize("name", NAMES)
def test_what_nothing_is_known_of_is_still_a_sentence(name: str) -> None:
    finding = REGISTRY[name]().finding({"points": [], "statistics": {}})
    assert finding.endswith(".")
    assert "None" not in finding


@pytest.fixture
def added() -> Iterator[type[Workload]]:
    class Added(Workload):
        test_type = TestType(
            "added",
            "Is it there?",
            "loadTime",
            (prompt_tokens(64), output_tokens(16), context_length(), *repetitions(1, 2)),
        )

    yield Added
    del REGISTRY["added"]


def test_a_subclass_is_all_that_a_new_test_type_needs(added: type[Workload]) -> None:
    assert REGISTRY["added"] is added
    assert added.test_type.resolve({"promptTokens": 99})["promptTokens"] == 99


def test_a_run_begins_with_the_model_in_memory(context: RunContext, double: OllamaDouble) -> None:
    workload = Decode()
    workload.template = PromptTemplate(5, 0, "")
    workload.before_run(context, "1")
    assert [seen.prompt for seen in double.seen] == [workload.template.prompt("spare 1")]
    workload.before_run(context, "2")
    assert len(double.seen) == 1  # it is there already
