"""The evidence of a verdict is a sentence with units."""

import pytest

from common.catalogue.verdicts import VERDICTS
from common.catalogue.verdicts.clauses import CLAUSES, fields_of
from common.catalogue.verdicts.evidence import evidence_text
from common.records.verdicts import VerdictRecord
from common.values.free_json import Json


@pytest.mark.parametrize(
    ("name", "found", "expected"),
    [
        (
            "unsettled",
            {"halfWidth": 0.0512, "wanted": 0.02, "runs": 5},
            "The interval is ±5.12 % around the median after 5 runs, ±2.00 % was wanted.",
        ),
        ("unsettled", {"halfWidth": None, "wanted": 0.02, "runs": 1}, "±2.00 % was wanted."),
        ("output-length", {"doneReason": "stop", "wanted": 64}, "64 tokens were requested, Ollama's reason was stop."),
        (
            "cpu-slowed",
            {"first": 4400, "last": 900},
            "The frequency was 4.40 GHz in the first runs, 900 MHz in the last ones.",
        ),
        (
            "unstable-warm-up",
            {"last": 41.5, "before": 50.0},
            "The last warm-up had 41.5 tok/s, the one before 50.0 tok/s.",
        ),
        (
            "drifting",
            {"metric": "timeToFirstToken", "slope": -0.25, "share": 12.345},
            "TTFT changed by -0.25 ms per run, this is 12.3 % over all runs.",
        ),
        ("other-model", {"models": {"a:1": {"sizeVram": 4e9}}}, "Also in memory was a:1 (size VRAM 3.73 GB)."),
        (
            "server-changed",
            {"before": {"version": "0.9.3"}, "after": {"version": "0.9.4"}},
            "Before it was version 0.9.3, afterwards version 0.9.4.",
        ),
        (
            "throttled",
            {"reasons": {"power": 100.0}, "readings": 3},
            "A GPU lowered its clocks in these shares of the readings: power 100 %.",
        ),
        ("reloaded", {"loadedBefore": False, "loadTime": 1800.0}, "Loading took 1.80 s."),
        ("points-left-out", {"points": [{"users": 8}]}, "These were left out: 8 at once."),
        ("requests-left-out", {"leftOut": 1, "requests": 20}, "20 requests were sent, 1 request did not count."),
        (
            "foreign-load-during",
            {"foreignCpu": 30.0, "foreignGpu": 0.0, "foreignVram": 0},
            "Other programs used 30.0 % of the CPU.",
        ),
        ("no-readings", {"readings": 0}, ""),
        ("of-tomorrow", {"share": 0.25, "loadedBefore": False}, "Share 0.25, loaded before no."),
    ],
)
def test_evidence_is_a_sentence_whose_numbers_have_units(name: str, found: Json, expected: str) -> None:
    verdict: VerdictRecord = {"name": name, "severity": "flags", "evidence": found, "advice": "look", "point": {}}
    assert evidence_text(verdict, "decodeTokensPerSecond") == expected


@pytest.mark.parametrize("name", VERDICTS)
def test_the_evidence_of_each_verdict_has_words(name: str) -> None:
    named = {field for clause in CLAUSES[name] for field in fields_of(clause)}
    assert named <= VERDICTS[name].evidence.keys()
