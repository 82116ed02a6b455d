"""What Gait loads on a host, Gait unloads; what others loaded stays and is flagged."""

import pytest

from common.environment.settings import forget
from common.errors import OllamaBusy
from common.messaging.redis import loaded_on
from common.store.reads import sessions
from common.store.tables import Session, Status
from testbed.ollama_double import OllamaDouble, Script
from testbed.stored.sessions import create
from tests.integration.worker.sessions.session_lab import Lab, of_types
from worker.ollama.client import Driver

pytestmark = [pytest.mark.usefixtures("tables"), pytest.mark.slow]

TINY, SMALL = "tiny:latest", "small:latest"
LOADED = {"num_ctx": 4096}


def flags(session: Session) -> set[str]:
    return {verdict["name"] for test in sessions.tests(session.id) for verdict in (test.metrics or {})["verdicts"]}


@pytest.mark.parametrize("test_type", ["decode", "cold-start", "model-swap"])
def test_a_session_leaves_nothing_in_memory(lab: Lab, test_type: str) -> None:
    assert lab.run(of_types(test_type, models=(TINY,))).status == Status.COMPLETED
    assert not lab.double.loaded
    assert not lab.redis.exists(loaded_on("local"))


def test_a_failed_test_leaves_nothing_in_memory(lab: Lab) -> None:
    lab.double.order(*[Script()] * 7, Script(status=400, error="invalid option"))
    assert lab.run(of_types("model-swap")).status == Status.ERROR
    assert not lab.double.loaded


def test_what_others_loaded_stays_and_is_flagged(lab: Lab) -> None:
    lab.double.load(SMALL, LOADED)
    session = of_types("decode", models=(TINY,))
    lab.run(session)
    assert set(lab.double.loaded) == {SMALL}
    assert "other-model" in flags(session)


def test_a_model_that_others_loaded_stays_after_its_own_session(lab: Lab) -> None:
    lab.double.load(TINY, LOADED)
    session = of_types("decode", "ttft", models=(TINY,))
    lab.run(session)
    assert set(lab.double.loaded) == {TINY}
    assert not {"other-model", "reloaded"} & flags(session)


@pytest.mark.parametrize("following", [TINY, SMALL])
def test_the_next_session_unloads_what_a_killed_one_left(lab: Lab, following: str) -> None:
    """Also if it measures the same model, because the server may still work on the last request."""
    lab.run_until_killed(of_types("decode", models=(TINY,)))
    assert set(lab.double.loaded) == {TINY}
    session, before = of_types("decode", models=(following,)), len(lab.double.requests)
    assert lab.run(session, by="two").status == Status.COMPLETED
    assert lab.double.unloads[0] == before
    assert not {"other-model", "reloaded"} & flags(session)
    assert not lab.double.loaded


def test_a_model_that_a_user_loads_after_gait_has_forgotten_it_stays(lab: Lab) -> None:
    lab.run_until_killed(of_types("decode", models=(TINY,)))
    assert 0 < lab.redis.ttl(loaded_on("local")) <= 1800
    lab.redis.delete(loaded_on("local"))  # as when the time is over
    lab.run(of_types("decode", models=(SMALL,)), by="two")
    assert set(lab.double.loaded) == {TINY}


@pytest.mark.parametrize(("machine", "stays"), [("box", False), ("another", True)])
def test_what_was_left_on_another_host_of_the_machine_is_unloaded(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, machine: str, *, stays: bool
) -> None:
    with OllamaDouble() as other:
        monkeypatch.setenv("OLLAMA_HOSTS", f"local={lab.double.url},other={other.url}")
        forget()
        other.load(TINY, LOADED)
        create(host="other", machine=machine)
        lab.redis.sadd(loaded_on("other"), TINY)
        lab.run(create(machine="box"))
        assert (TINY in other.loaded) == stays
    forget()


def test_a_model_that_cannot_be_unloaded_fails_no_session(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OllamaBusy("still loaded")

    monkeypatch.setattr(Driver, "unload", fail)
    assert lab.run(of_types("decode", models=(TINY,))).status == Status.COMPLETED
    assert lab.redis.smembers(loaded_on("local")) == {TINY.encode()}
