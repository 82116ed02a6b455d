from collections.abc import Iterator
from pathlib import Path

import pytest

from common.errors import TestFailure
from common.store.reads import sessions
from local.ollama import random_model
from local.ollama.server import started_ollama
from testbed import ROOT
from testbed.ollama_double import OllamaDouble, Script, Timing
from testbed.servers.tiny_model import create_tiny_model
from testbed.single_test import blocks_of
from testbed.stored.sessions import create, model
from tests.integration.worker.lab import Lab, rejected, verdicts

pytestmark = [pytest.mark.usefixtures("tables"), pytest.mark.slow]

OURS, OTHER = "tiny:latest", "other:latest"
LOAD_MS = 40


@pytest.fixture(autouse=True)
def two_models(lab: Lab) -> None:
    lab.double.models = (OURS, OTHER)
    lab.double.timing = Timing(load=LOAD_MS)


# The cost of a swap


def test_each_run_loads_the_model_if_only_one_fits(lab: Lab) -> None:
    lab.double.max_loaded = 1
    test = lab.test("model-swap", minRepetitions=2, maxRepetitions=2)
    metrics = lab.run(test)
    assert metrics["swappedOut"] == 100
    assert metrics["timeToFirstToken"] >= metrics["loadTime"] >= LOAD_MS  # the double waits so long
    assert "costs" in metrics["finding"]
    assert rejected(test) == [[], []]
    assert not {"other-model", "reloaded"} & verdicts(metrics)


def test_there_is_no_swap_if_both_models_fit(lab: Lab) -> None:
    test = lab.test("model-swap", minRepetitions=2, maxRepetitions=2)
    metrics = lab.run(test)
    assert metrics["swappedOut"] == 0
    assert all(seen.warm for seen in lab.double.requests[-6:])  # three for each run
    assert metrics["finding"].startswith("Both models fit into memory, without a swap")
    assert "other-model" not in verdicts(metrics)


def test_a_run_uses_the_other_model_once_then_ours_twice(lab: Lab) -> None:
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


def test_a_model_unloaded_before_the_other_one_loads_was_not_swapped(lab: Lab) -> None:
    """The same happens if the models of a session take turns and each is unloaded for the next."""
    test = lab.test("model-swap", minRepetitions=2, maxRepetitions=2)
    steps = blocks_of(lab.runner(test))
    next(steps)
    next(steps)  # the first run is done
    lab.double.loaded.clear()
    for _ in steps:
        pass
    assert [run.metrics["swappedOut"] for run in sessions.runs(test)] == [0, 0]


# The choice of the model


def test_the_error_advises_to_pull_a_second_model(lab: Lab) -> None:
    lab.double.models = (OURS,)
    with pytest.raises(TestFailure, match="pull another one"):
        lab.run(lab.test("model-swap"))
    assert not lab.double.requests


def test_the_second_model_is_one_of_the_session_or_the_smallest(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
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


@pytest.mark.parametrize("relation", ["copy", "create"])
def test_a_model_with_the_same_weights_is_not_another_model(lab: Lab, relation: str) -> None:
    lab.double.models = (OURS,)
    getattr(lab.double, relation)(OURS, "copy:latest")
    with pytest.raises(TestFailure, match="is the only model of this server"):
        lab.run(lab.test("model-swap"))


def test_a_broken_model_is_passed_over(lab: Lab) -> None:
    lab.double.models = (OURS, "a-broken:latest", OTHER)
    lab.double.order(*[Script()] * 2, Script(status=500), to="/api/show")
    lab.run(lab.test("model-swap", maxRepetitions=1))
    assert {seen.model for seen in lab.double.requests} == {OURS, OTHER}


def test_models_are_known_by_their_weights_under_any_name(lab: Lab) -> None:
    """Both models are in memory under the names of others with the same weights."""
    for name, copy in ((OURS, "a-copy:latest"), (OTHER, "b-copy:latest")):
        lab.double.create(name, copy)
        lab.double.load(copy, {"num_ctx": 512})
    metrics = lab.run(lab.test("model-swap", maxRepetitions=1))
    assert metrics["swappedOut"] == 0
    assert "other-model" not in verdicts(metrics)


def test_an_embedding_model_cannot_be_the_second_model(lab: Lab) -> None:
    lab.double.capabilities = ["embedding"]
    with pytest.raises(TestFailure, match="the only model of this server that generates text"):
        lab.run(lab.test("model-swap"))


# A real server


@pytest.fixture
def room_for_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Yield a real Ollama with two models and room for one in memory."""
    monkeypatch.setenv("OLLAMA_MAX_LOADED_MODELS", "1")
    monkeypatch.setitem(random_model.SIZES, "other", random_model.ModelSize(1, 256, 4, 512, 4000))
    with started_ollama(ROOT / "var" / "ollama", tmp_path / "ollama.log", print, tmp_path / "models") as url:
        for name in ("tiny", "other"):
            create_tiny_model(url, name)
        yield url


def test_a_real_server_with_room_for_one_model_swaps(lab: Lab, room_for_one: str) -> None:
    lab.url = room_for_one
    metrics = lab.run(lab.test("model-swap", minRepetitions=2, maxRepetitions=2))
    assert metrics["swappedOut"] == 100
    assert metrics["swapTime"] > 0
    assert metrics["loadTime"] < metrics["timeToFirstToken"]
