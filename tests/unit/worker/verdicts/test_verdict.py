import pytest

from common.catalogue.verdicts import VERDICTS
from common.catalogue.verdicts.on_tests import SWAPPING, THROTTLED
from worker.verdicts import Severity, Verdict


def test_a_verdict_reads_as_a_line() -> None:
    verdict = Verdict("too-late", Severity.FLAGS, {"wanted": 5, "seen": {"a": 1.23456789, "b": None}}, "start earlier")
    assert str(verdict) == "too-late (wanted 5, seen a 1.23457): start earlier"
    assert str(verdict.at({"promptTokens": 64})).startswith("too-late at promptTokens 64 (wanted 5, ")


def test_a_verdict_is_described_completely() -> None:
    verdict = Verdict("too-late", Severity.REJECTS, {"wanted": 5}, "start earlier")
    assert verdict.record() == {
        "name": "too-late",
        "severity": "rejects",
        "evidence": {"wanted": 5},
        "advice": "start earlier",
        "point": {},
    }


def test_the_evidence_is_what_the_declaration_says() -> None:
    verdict = Verdict.of(THROTTLED, {"reasons": {"power cap": 75.0}, "readings": 8})
    assert (verdict.name, verdict.severity, verdict.advice) == ("throttled", Severity.FLAGS, THROTTLED.advice)
    with pytest.raises(ValueError, match="the evidence of swapping is swapUsed, growth, share"):
        Verdict.of(SWAPPING, {"swapUsed": 1})


def test_each_verdict_has_a_sentence_and_advice() -> None:
    assert len(VERDICTS) >= 30
    for declared in VERDICTS.values():
        assert declared.sentence.endswith(".")
        assert declared.advice.endswith(".")
        assert declared.evidence
