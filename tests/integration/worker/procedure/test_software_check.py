"""What is measured stays the same from the submission to the end of a session, or the result says what changed."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from common.errors import TestFailure
from common.messaging.redis import inventory_of
from common.store.changes import circumstances
from common.store.reads import runs, sessions
from common.store.tables import Run, Session, Test
from testbed.ollama_double import OllamaDouble, Script
from testbed.stored.inventory import INVENTORY
from testbed.stored.sessions import claim
from tests.integration.worker.lab import Lab, find_verdict, verdicts
from worker.procedure import software_check
from worker.procedure.progress import TestProgress

pytestmark = [pytest.mark.usefixtures("tables"), pytest.mark.slow]

TINY = "tiny:latest"
OLD = {"OLLAMA_NUM_PARALLEL": None, "OLLAMA_FLASH_ATTENTION": "1"}
NEW = {**OLD, "OLLAMA_NUM_PARALLEL": "4"}
Change = Callable[[OllamaDouble, pytest.MonkeyPatch], None]


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(software_check, "server_settings", lambda _: OLD)


def pull(double: OllamaDouble, _: pytest.MonkeyPatch) -> None:
    """Give the model other weights. Its runner stays in memory, as on a real server."""
    double.digests[TINY] = "f" * 64
    double.paths[TINY] = f"/nowhere/blobs/sha256-{'e' * 64}"


def update(double: OllamaDouble, _: pytest.MonkeyPatch) -> None:
    double.version = "0.9.4"


def reconfigure(_: OllamaDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(software_check, "server_settings", lambda _: NEW)


SERVER_CHANGES = [
    (update, {"before": {"version": "0.9.3"}, "after": {"version": "0.9.4"}}),
    (reconfigure, {"before": {"OLLAMA_NUM_PARALLEL": "not set"}, "after": {"OLLAMA_NUM_PARALLEL": "4"}}),
]


def software(test: Test) -> list[dict[str, Any]]:
    return [{**(run.record["software"] or {})} for run in sessions.runs(test)]


def at_run(test: Test, number: int, change: Callable[[], object]) -> Callable[[TestProgress], None]:
    """Make the change before the first request of a run."""
    left = [change]

    def checkpoint(_: TestProgress) -> None:
        if left and len(sessions.runs(test)) == number - 1 and test.phase == "measuring":
            left.pop()()

    return checkpoint


def test_each_run_has_the_digest_the_version_and_the_settings(lab: Lab) -> None:
    test = lab.test()
    metrics = lab.run(test)
    wanted = {"digest": lab.double.digest(TINY), "ollamaVersion": "0.9.3", "engine": "built-in", "settings": OLD}
    assert software(test) == [wanted] * 2
    assert metrics["software"] == wanted
    assert not {"model-changed", "server-changed"} & verdicts(metrics)


def test_a_model_that_was_pulled_again_before_its_session_is_measured_as_it_is(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    test, submitted = lab.test(), lab.double.digest(TINY)
    pull(lab.double, monkeypatch)
    flagged = find_verdict(lab.run(test), "model-changed")
    assert flagged["evidence"] == {"submitted": submitted[:12], "measured": "f" * 12}
    (model,) = Session.get().models
    assert (model["digest"], model["version"], model["size"]) == ("f" * 64, "f" * 12, 7_077_287)
    assert {each["digest"] for each in software(test)} == {"f" * 64}


def test_a_server_that_was_updated_before_its_session_is_flagged(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    test = lab.test()
    Session.update(ollama_version="0.9.3").execute()
    update(lab.double, monkeypatch)
    flagged = find_verdict(lab.run(test), "server-changed")
    assert flagged["evidence"] == {"before": {"version": "0.9.3"}, "after": {"version": "0.9.4"}}
    assert Session.get().ollama_version == "0.9.4"


def test_a_model_that_is_pulled_again_during_its_test_fails_it(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    test = lab.test(minRepetitions=3, maxRepetitions=3)
    lab.checkpoint = at_run(test, 2, lambda: pull(lab.double, monkeypatch))
    with pytest.raises(TestFailure, match=r"pulled or created again .* and is f{12}\. Run the session again"):
        lab.run(test)
    assert {each["digest"] for each in software(test)} <= {Session.get().models[0]["digest"]}


def test_a_model_that_is_pulled_again_before_a_takeover_fails_its_test(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    test = lab.test()
    lab.run(test)
    Run.delete().where(Run.repetition == 2).execute()
    pull(lab.double, monkeypatch)
    with pytest.raises(TestFailure, match="Run the session again"):
        lab.run(sessions.test(test.id), by="two")


@pytest.mark.parametrize(("change", "evidence"), SERVER_CHANGES)
@pytest.mark.parametrize("when", ["during the test", "before a takeover"])
def test_another_server_is_flagged(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, change: Change, evidence: dict[str, Any], when: str
) -> None:
    test = lab.test(minRepetitions=2, maxRepetitions=2)
    if when == "during the test":
        lab.checkpoint = at_run(test, 2, lambda: change(lab.double, monkeypatch))
        metrics = lab.run(test)
    else:
        lab.run(test)
        Run.delete().where(Run.repetition == 2).execute()
        change(lab.double, monkeypatch)
        metrics = lab.run(sessions.test(test.id), by="two")
    assert find_verdict(metrics, "server-changed")["evidence"] == evidence


def test_what_is_unknown_is_not_a_change(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    test = lab.test()
    lab.run(test)
    Run.delete().where(Run.repetition == 2).execute()
    monkeypatch.setattr(software_check, "server_settings", lambda _: None)
    lab.double.order(*[Script(status=404)] * 9, to="/api/version")
    metrics = lab.run(sessions.test(test.id), by="two")
    assert not {"model-changed", "server-changed"} & verdicts(metrics)
    unknown = {"ollamaVersion": None, "engine": None, "settings": None}
    assert software(test)[1] == {"digest": lab.double.digest(TINY), **unknown}
    assert runs.first_software(test.session_id) == software(test)[0]


@pytest.mark.parametrize("when", [1, 2])
def test_another_machine_is_flagged(lab: Lab, when: int) -> None:
    """Check a machine that changes before the first run, and one that changes during the test."""
    test = lab.test(minRepetitions=2, maxRepetitions=2)
    circumstances.describe_machine(claim(test.session), INVENTORY, None)
    lab.redis.set(inventory_of("local"), json.dumps(INVENTORY))
    changed = {**INVENTORY, "ram": {**INVENTORY["ram"], "frequency": 4800.0}}
    lab.checkpoint = at_run(test, when, lambda: lab.redis.set(inventory_of("local"), json.dumps(changed)))
    found = find_verdict(lab.run(test), "machine-changed")
    assert found["evidence"] == {"before": {"ram frequency": 5600.0}, "after": {"ram frequency": 4800.0}}
