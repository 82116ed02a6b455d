"""Open regressions: their list, and the end of `gait run --fail-on regression`."""

import json
from datetime import timedelta

import pytest

import cli.conditions.regressions
from cli.conditions.regressions import verdict_on
from cli.exit_codes import ExitCode
from cli.invocation import Invocation
from common.store.alerts import ended, regressions
from common.store.alerts.regressions import HistoryKey
from common.store.tables import Session
from common.values.units import now
from tests.integration.cli.conftest import KEY, Gait
from tests.support.stored.comparable import STEADY, session
from tests.support.stored.regressions import RECORD

pytestmark = pytest.mark.usefixtures("redis", "stored")
SENTENCE = "decode of fallen:latest fell by 12.0 % (10.0 to 14.0)."


def regressed(of: Session, options: str) -> None:
    """Store a regression as the scheduler does."""
    key = HistoryKey("fallen:latest", "decode", "decodeTokensPerSecond", "local", options)
    first, seen = (of.id, now() - timedelta(days=1)), (of.id, now())
    regressions.add(key, first, seen, {**RECORD, "coinciding": [], "sentence": SENTENCE})


def test_a_run_fails_on_an_open_regression_of_its_history(gait: Gait, monkeypatch: pytest.MonkeyPatch) -> None:
    new = session("new", {"fallen:latest": {0: STEADY}})
    own = json.loads(gait("history", "fallen:latest", "--json").stdout)["options"]
    url = json.loads(gait("config", "--json").stdout)["url"]
    monkeypatch.setattr(cli.conditions.regressions, "TIMEOUT_S", 0)
    called = Invocation(url, KEY)
    assert verdict_on(called, [new.id], strict=False) == ExitCode.DONE
    assert verdict_on(called, [new.id], strict=True) == ExitCode.UNKNOWN, "nobody has evaluated it"
    ended.mark_evaluated([new.id])
    assert verdict_on(called, [new.id], strict=True) == ExitCode.DONE
    regressed(new, f"{own}, more")
    assert verdict_on(called, [new.id], strict=True) == ExitCode.DONE, "it is of other options"
    regressed(new, own)
    assert verdict_on(called, [new.id], strict=True) == ExitCode.CHANGED
    listed = gait("regressions", "--model", "fallen:latest", env={"COLUMNS": "60"}).stdout
    assert SENTENCE in listed
    assert "Open; found" in listed


def test_a_regression_is_acknowledged_and_counts_as_new_again(gait: Gait) -> None:
    regressed(session("other", {"fallen:latest": {0: STEADY}}), "to acknowledge")
    [first, *_] = json.loads(gait("regressions", "--json").stdout)["regressions"]
    assert "gait acknowledge" in gait("regressions", "--new").stdout
    known = gait("acknowledge", first["id"], "--note", "We need it.")
    assert "; acknowledged" in known.stdout
    assert "We need it. To" in known.stdout
    assert "gait acknowledge" not in known.stdout
    undone = json.loads(gait("acknowledge", first["id"], "--undo", "--note", "", "--json").stdout)
    assert (undone["acknowledgedAt"], undone["note"]) == (None, None)
    unknown = gait("acknowledge", "zzz")
    assert (unknown.exit_code, "gait regressions --state all" in unknown.stderr) == (ExitCode.USAGE, True)
