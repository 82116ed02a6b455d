"""Requirements of every test type, and the beginning of runs. ../test_types has a file for each type."""

from pathlib import Path

import pytest

from common.catalogue.charts import TimeChart
from common.catalogue.metrics import METRICS
from common.catalogue.options import InvalidOptions
from common.catalogue.readings import READINGS
from common.catalogue.test_types import TEST_TYPES
from common.records.test_metrics import TestMetrics
from testbed.ollama_double import OllamaDouble
from tests.support.ollama.run_contexts import context_on
from worker import test_types
from worker.test_types.decode import Decode
from worker.workload.prompts import PromptTemplate
from worker.workload.run_context import RunContext
from worker.workload.test_type import WORKLOADS, Workload

NAMES = sorted(WORKLOADS)


@pytest.fixture
def context(double: OllamaDouble) -> RunContext:
    return context_on(double, Decode.test_type)


def test_each_declared_test_type_is_implemented_by_the_file_of_its_name() -> None:
    files = {path.stem for path in Path(test_types.__path__[0]).glob("[a-z]*.py")}
    assert {name.replace("-", "_") for name in TEST_TYPES} == files
    for name, workload in WORKLOADS.items():
        assert workload.test_type is TEST_TYPES[name]
        assert workload.__module__ == f"worker.test_types.{name.replace('-', '_')}"


def test_a_test_type_that_is_not_declared_cannot_be_implemented() -> None:
    with pytest.raises(KeyError, match="undeclared"):
        type("Undeclared", (Workload,), {}, implements="undeclared")


@pytest.mark.parametrize("name", NAMES)
def test_a_test_type_is_complete(name: str) -> None:
    test_type = TEST_TYPES[name]
    assert test_type.question.endswith("?")
    assert test_type.charts
    assert {test_type.headline, WORKLOADS[name].rate, *test_type.beside} <= METRICS.keys()
    for chart in test_type.charts:
        assert chart.title.endswith("?")
        assert chart.metric in METRICS
    readings = [panel.readings for chart in test_type.charts if isinstance(chart, TimeChart) for panel in chart.panels]
    assert {name for panel in readings for name in panel} <= READINGS.keys()


@pytest.mark.parametrize("name", NAMES)
def test_its_defaults_are_allowed_and_fit_together(name: str) -> None:
    test_type = WORKLOADS[name].test_type
    resolved = test_type.resolve({})
    assert resolved.keys() == {option.name for option in test_type.options}
    assert test_type.resolve(resolved) == resolved


@pytest.mark.parametrize("name", NAMES)
def test_its_ranges_are_enforced(name: str) -> None:
    test_type = WORKLOADS[name].test_type
    for option in test_type.options:
        for outside in (option.minimum - 1, option.maximum + 1):
            with pytest.raises(InvalidOptions, match=f"{option.name}: must be from {option.minimum}"):
                test_type.resolve({option.name: outside})


@pytest.mark.parametrize("name", NAMES)
def test_a_finding_without_known_values_is_a_sentence(name: str) -> None:
    finding = WORKLOADS[name]().finding(TestMetrics(values={}))
    assert finding.endswith(".")
    assert "None" not in finding


def test_a_run_begins_with_the_model_in_memory(context: RunContext, double: OllamaDouble) -> None:
    workload = Decode()
    template = PromptTemplate(5, 0, "")
    workload.templates[context.options["promptTokens"]] = template
    workload.before_run(context, "1")
    assert [seen.prompt for seen in double.requests] == [template.prompt("spare 1")]
    workload.before_run(context, "2")
    assert len(double.requests) == 1  # it is loaded already
