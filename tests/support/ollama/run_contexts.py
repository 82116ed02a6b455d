"""Run contexts for test types, on a double or a real Ollama."""

from typing import Any

from common.catalogue.test_type import TestType
from common.ollama.client import Ollama
from testbed.ollama_double import OllamaDouble
from worker.ollama.client import Driver
from worker.workload.run_context import RunContext

SMALL = {"contextLength": 512, "minRepetitions": 1, "maxRepetitions": 1, "outputTokens": 16}


def context_on(double: OllamaDouble, test_type: TestType, **options: Any) -> RunContext:
    """Return a context for the double's first model, with small options unless others are given."""
    allowed = {option.name for option in test_type.options}
    small = {name: value for name, value in SMALL.items() if name in allowed}
    driver = Driver(Ollama(double.url))
    model = double.models[0]
    resolved = test_type.resolve({**small, **options})
    return RunContext(
        driver, model, resolved, driver.server.facts(model), 512, "seed", [], lambda: None, lambda _: None
    )
