"""Text that databases refuse, or might."""

import pytest

from common.store.changes import circumstances, writes
from common.store.reads import sessions as stored_sessions
from common.store.reads.lists import sessions as lists
from common.store.reads.lists.sessions import SessionFilter
from common.store.search_tables import SessionTag, SessionText
from common.store.tables import Hardware, LogLine, Session
from testbed.stored.sessions import BASELINE, claim, create, finished_run, model, only_test

pytestmark = pytest.mark.usefixtures("tables")

ODD = "a\0b \ud83d\ude00 \udcff"
"""A character that PostgreSQL refuses, both halves of a surrogate, and one half alone."""
STORED = "a\ufffdb \U0001f600 \ufffd"


def test_text_and_numbers_that_databases_refuse_are_replaced() -> None:
    session = create(name=ODD, models=[model("m:1", ODD)])
    mine, test = claim(session), only_test(session)
    circumstances.describe_machine(mine, {"cpu": {"model": ODD}}, ODD)
    writes.log(mine, test, ODD)
    writes.save_baseline(mine, test, {**BASELINE, "usage": {"busiest": {ODD: float("nan")}}})
    writes.save_run(mine, finished_run(test, 1, {"loadTime": float("inf")}, {"prompt": ODD}, {"at": ODD}))
    writes.complete_test(mine, test, {"verdicts": [{"evidence": (ODD,)}]})
    writes.fail_test(mine, test, ODD)
    writes.fail_session(mine, ODD)
    (run,), stored, ended = stored_sessions.runs(test), only_test(session), Session.get()
    assert (ended.name, ended.message, ended.ollama_version) == (STORED,) * 3
    assert f"{STORED} " in SessionText.get().text
    assert [row.tag for row in SessionTag.select()] == [STORED]
    assert Hardware.get().inventory == {"cpu": {"model": STORED}}
    assert (LogLine.get().text, stored.message) == (STORED, STORED)
    assert stored.baseline == {**BASELINE, "usage": {"busiest": {STORED: None}}}
    assert [run.metrics, {**run.record}, run.conditions] == [{"loadTime": None}, {"prompt": STORED}, {"at": STORED}]
    assert (stored.metrics or {})["verdicts"] == [{"evidence": [STORED]}]
    assert lists.sessions(SessionFilter(search=ODD), 1, 1)[1] == 1


def test_text_of_any_kind_is_kept() -> None:
    session = create(name="100 % „Grüße“ '; DROP TABLE session; --")
    writes.log(claim(session), only_test(session), "\U0001f600 \\ %s {} \t")
    assert Session.get().name == "100 % „Grüße“ '; DROP TABLE session; --"
    assert LogLine.get().text == "\U0001f600 \\ %s {} \t"
