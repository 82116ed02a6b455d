"""What a verdict rests on is told with units."""

import ast

import pytest

from api.web.pages.session import evidence
from api.web.pages.session.evidence import COUNTS, UNITS, UNITS_IN, WORDS
from common.free_json import Json
from common.records.verdicts import VerdictRecord
from testbed import ROOT

VERDICTS = ROOT / "worker" / "verdicts"


@pytest.mark.parametrize(
    ("name", "found", "told"),
    [
        ("unsettled", {"halfWidth": 0.0512, "wanted": 0.02, "runs": 5}, "half width 5.12 %, wanted 2.00 %, runs 5"),
        ("unsettled", {"halfWidth": None, "wanted": 0.02, "runs": 1}, "wanted 2.00 %, runs 1"),
        ("output-length", {"doneReason": "stop", "wanted": 64}, "done reason stop, wanted 64 tokens"),
        ("cpu-slowed", {"first": 4400, "last": 900}, "first 4.40 GHz, last 900 MHz"),
        ("unstable-warm-up", {"last": 41.5, "before": 50.0}, "last 41.5 tok/s, before 50.0 tok/s"),
        (
            "drifting",
            {"metric": "timeToFirstToken", "slope": -0.25, "share": 12.345},
            "metric TTFT, slope -0.25 ms a run, share 12.3 %",
        ),
        ("other-model", {"models": {"a:1": {"size": 4e9}}}, "models (a:1 (size 4.00 GB))"),
        ("reloaded", {"loadedBefore": False, "loadTime": 1800.0}, "loaded before no, load time 1.80 s"),
        ("points-left-out", {"points": [{"users": 8}]}, "points (users 8)"),
    ],
)
def test_each_number_has_the_unit_of_its_verdict(name: str, found: Json, told: str) -> None:
    verdict: VerdictRecord = {"name": name, "severity": "flags", "evidence": found, "advice": "look", "point": {}}
    assert evidence.told(verdict, "decodeTokensPerSecond") == told


def test_of_everything_that_verdicts_rest_on_the_unit_is_known_or_there_is_none() -> None:
    known = {*UNITS, *COUNTS, *WORDS, *(name for names in UNITS_IN.values() for name in names)}
    told = set().union(*(_names(ast.parse(path.read_text())) for path in VERDICTS.glob("*.py")))
    assert {"foreignCpu", "halfWidth", "gap"} <= told
    assert told <= known


def _names(module: ast.Module) -> set[str]:
    """The keys of every dictionary that is written down in a function, as evidence is."""
    functions = [node for node in ast.walk(module) if isinstance(node, ast.FunctionDef)]
    written = [node for each in functions for node in ast.walk(each) if isinstance(node, ast.Dict)]
    return {
        key.value
        for each in written
        for key in each.keys
        if isinstance(key, ast.Constant) and isinstance(key.value, str)
    }
