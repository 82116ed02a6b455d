"""What a session is measured on and with."""

import pytest

from common.store.changes import circumstances, writes
from common.store.reads import runs
from common.store.reads import sessions as stored_sessions
from common.store.tables import Session
from testbed.stored.sessions import claim, create, finished_run, model

pytestmark = pytest.mark.usefixtures("tables")


def test_what_is_measured_replaces_what_was_submitted() -> None:
    session = create(models=[model("m:1", "llama"), model("m:2")], ollama_version="0.9.3")
    mine = claim(session)
    circumstances.adopt_model(mine, "m:1", "f" * 64, "f" * 12, 99)
    circumstances.adopt_version(mine, "0.9.4")
    adopted, other = Session.get().models
    assert adopted == {"name": "m:1", "version": "f" * 12, "digest": "f" * 64, "size": 99, "tags": ["llama"]}
    assert other == model("m:2")
    assert Session.get().ollama_version == "0.9.4"


def test_the_software_of_the_first_run_is_found() -> None:
    session = create(models=[model("m:1"), model("m:2")])
    mine, (first, second) = claim(session), stored_sessions.tests(session.id)
    assert runs.first_software(session.id) is None
    for test, repetition, digest in ((second, 1, "b"), (first, 1, "a"), (first, 2, "c")):
        software = {"digest": digest, "ollamaVersion": None, "settings": {"OLLAMA_NUM_PARALLEL": None}}
        writes.save_run(mine, finished_run(test, repetition, {}, {"software": software}))
    expected = {None: "b", "m:1": "a", "m:2": "b", "m:3": None}
    found = {wanted: runs.first_software(session.id, wanted) for wanted in expected}
    assert {wanted: software and software["digest"] for wanted, software in found.items()} == expected
