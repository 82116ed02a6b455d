"""The evidence of a verdict is shown with units."""

import pytest

from api.web.pages.session.evidence import evidence_text
from common.free_json import Json
from common.records.verdicts import VerdictRecord


@pytest.mark.parametrize(
    ("name", "found", "expected"),
    [
        ("unsettled", {"halfWidth": 0.0512, "wanted": 0.02, "runs": 5}, "half width 5.12 %, wanted 2.00 %, runs 5"),
        ("unsettled", {"halfWidth": None, "wanted": 0.02, "runs": 1}, "wanted 2.00 %, runs 1"),
        ("output-length", {"doneReason": "stop", "wanted": 64}, "done reason stop, wanted 64 tokens"),
        ("cpu-slowed", {"first": 4400, "last": 900}, "first 4.40 GHz, last 900 MHz"),
        ("unstable-warm-up", {"last": 41.5, "before": 50.0}, "last 41.5 tok/s, before 50.0 tok/s"),
        (
            "drifting",
            {"metric": "timeToFirstToken", "slope": -0.25, "share": 12.345},
            "metric TTFT, slope -0.25 ms per run, share 12.3 %",
        ),
        ("other-model", {"models": {"a:1": {"size": 4e9}}}, "models (a:1 (size 3.73 GB))"),
        (
            "server-changed",
            {"before": {"version": "0.9.3"}, "after": {"version": "0.9.4"}},
            "before (version 0.9.3), after (version 0.9.4)",
        ),
        ("reloaded", {"loadedBefore": False, "loadTime": 1800.0}, "loaded before no, load time 1.80 s"),
        ("points-left-out", {"points": [{"users": 8}]}, "points (users 8)"),
        ("of-tomorrow", {"share": 0.25}, "share 0.25"),
    ],
)
def test_each_number_has_the_unit_of_its_verdict(name: str, found: Json, expected: str) -> None:
    verdict: VerdictRecord = {"name": name, "severity": "flags", "evidence": found, "advice": "look", "point": {}}
    assert evidence_text(verdict, "decodeTokensPerSecond") == expected
