from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from common.errors import OllamaHTTPError, TestFailure
from common.store import sessions
from local.ollama import random_model
from local.ollama.server import started_ollama
from testbed import ROOT
from testbed.ollama_double import OllamaDouble, Script, Timing
from testbed.sessions import create, model
from testbed.tiny_model import create_tiny_model
from tests.integration.worker.lab import Lab, rejected, verdicts

pytestmark = [pytest.mark.usefixtures("tables"), pytest.mark.slow]

OURS, OTHER = "tiny:latest", "other:latest"
LOAD_MS = 40


@pytest.fixture(autouse=True)
def two_models(lab: Lab) -> None:
    lab.double.models = (OURS, OTHER)
    lab.double.timing = Timing(load=LOAD_MS)


# What it costs


def test_where_one_model_fits_each_run_loads_it_anew(lab: Lab) -> None:
    lab.double.max_loaded = 1
    test = lab.test("model-swap", minRepetitions=2, maxRepetitions=2)
    metrics = lab.run(test)
    assert metrics["swappedOut"] == 100
    assert metrics["timeToFirstToken"] >= metrics["loadTime"] >= LOAD_MS  # the double waits so long
    assert metrics["swapTime"] > LOAD_MS / 2
    assert "costs" in metrics["finding"]
    assert rejected(test) == [[], []]
    assert not {"other-model", "reloaded"} & verdicts(metrics)


def test_where_both_fit_there_is_no_swap(lab: Lab) -> None:
    test = lab.test("model-swap", minRepetitions=2, maxRepetitions=2)
    metrics = lab.run(test)
    assert metrics["swappedOut"] == 0
    assert metrics["loadTime"] < LOAD_MS
    assert metrics["finding"].startswith("Both models fit into memory, without a swap")
    assert "other-model" not in verdicts(metrics)


def test_a_run_is_the_other_model_then_ours_twice(lab: Lab) -> None:
    test = lab.test("model-swap", maxRepetitions=1)
    metrics = lab.run(test)
    assert [seen.model for seen in lab.double.requests[-3:]] == [OTHER, OURS, OURS]
    assert [seen.options["num_ctx"] for seen in lab.double.requests[-3:]] == [512] * 3
    assert len({seen.prompt for seen in lab.double.requests}) == len(lab.double.requests)
    assert [point["point"] for point in metrics["points"]] == [{"after": "partner"}, {"after": "itself"}]
    (run,) = sessions.runs(test)
    back, again = run.record["requests"]
    assert (back["partner"], back["stayed"]) == (OTHER, True)
    assert run.metrics["timeToFirstToken"] == back["figures"]["timeToFirstToken"]
    first, second = (request["figures"]["timeToFirstToken"] or 0.0 for request in (back, again))
    assert run.metrics["swapTime"] == pytest.approx(first - second)


def test_a_model_that_was_away_before_the_other_had_its_turn_was_not_put_out_by_it(lab: Lab) -> None:
    """As where the models of a session take turns, and each makes room for the next."""
    test = lab.test("model-swap", minRepetitions=2, maxRepetitions=2)
    steps = lab.runner(test).steps()
    next(steps)
    next(steps)  # the first run is done
    lab.double.loaded.clear()
    assert list(steps) == []
    assert [run.metrics["swappedOut"] for run in sessions.runs(test)] == [0, 0]


# Which model


def test_without_a_second_model_the_test_says_what_to_do(lab: Lab) -> None:
    lab.double.models = (OURS,)
    with pytest.raises(TestFailure, match="pull another one"):
        lab.run(lab.test("model-swap"))
    assert not lab.double.requests


def test_the_smallest_other_model_is_taken_but_one_of_the_session_before(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = {OURS: 5, "large:latest": 9, "medium:latest": 7, OTHER: 8}
    entry = OllamaDouble.entry
    monkeypatch.setattr(OllamaDouble, "entry", lambda self, name: {**entry(self, name), "size": sizes[name]})
    lab.double.models = tuple(sizes)
    lab.run(lab.test("model-swap", maxRepetitions=1))
    assert {seen.model for seen in lab.double.requests} == {OURS, "medium:latest"}
    lab.double.requests.clear()
    session = create(models=[model(), model("large:latest")], test_types={"model-swap": {"maxRepetitions": 3}})
    lab.run(next(test for test in sessions.tests(session.id) if test.model == OURS))
    assert {seen.model for seen in lab.double.requests} == {OURS, "large:latest"}


def test_another_name_of_the_same_file_is_no_other_model(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = OllamaDouble.entry
    monkeypatch.setattr(OllamaDouble, "entry", lambda self, name: {**entry(self, OURS), "name": name})
    with pytest.raises(TestFailure, match="is the only model of this server"):
        lab.run(lab.test("model-swap"))


def test_a_model_that_only_embeds_cannot_be_asked(lab: Lab) -> None:
    lab.double.capabilities = ["embedding"]
    with pytest.raises(TestFailure, match="the only model of this server that generates text"):
        lab.run(lab.test("model-swap"))


# Tidying up


def test_the_other_model_is_put_out_of_memory_when_the_test_ends(lab: Lab) -> None:
    lab.run(lab.test("model-swap", maxRepetitions=1))
    assert set(lab.double.loaded) == {OURS}


def test_and_also_when_it_fails(lab: Lab) -> None:
    with pytest.raises(OllamaHTTPError, match="invalid option"):
        lab.run(lab.test("model-swap"), Script(status=400, error="invalid option"))
    assert OTHER not in lab.double.loaded


def test_failing_to_tidy_up_hides_nothing(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OllamaHTTPError("not now", 500)

    monkeypatch.setattr("worker.ollama.client.Driver.unload", fail)
    with pytest.raises(OllamaHTTPError, match="invalid option"):
        lab.run(lab.test("model-swap"), Script(status=400, error="invalid option"))
    assert lab.run(lab.test("model-swap", maxRepetitions=1))["finding"]


# A real server


@pytest.fixture
def room_for_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A real Ollama that keeps one model in memory, and has two."""
    monkeypatch.setenv("OLLAMA_MAX_LOADED_MODELS", "1")
    monkeypatch.setitem(random_model.SIZES, "other", random_model.ModelSize(1, 256, 4, 512, 4000))
    with started_ollama(ROOT / "var" / "ollama", tmp_path / "ollama.log", print, tmp_path / "models") as url:
        for name in ("tiny", "other"):
            create_tiny_model(url, name)
        yield url


def test_a_real_server_that_keeps_one_model_swaps(lab: Lab, room_for_one: str) -> None:
    lab.url = room_for_one
    metrics = lab.run(lab.test("model-swap", minRepetitions=2, maxRepetitions=2))
    assert metrics["swappedOut"] == 100
    assert metrics["swapTime"] > 0
    assert metrics["loadTime"] < metrics["timeToFirstToken"]
    loaded = requests.get(f"{room_for_one}/api/ps", timeout=10).json()["models"]
    assert "other:latest" not in [model["name"] for model in loaded]
