from worker.verdicts import Severity, Verdict


def test_a_verdict_reads_as_a_line() -> None:
    verdict = Verdict("too-late", Severity.FLAGS, {"wanted": 5, "seen": {"a": 1.23456789, "b": None}}, "start earlier")
    assert str(verdict) == "too-late (wanted 5, seen a 1.23457): start earlier"
    assert str(verdict.at({"promptTokens": 64})).startswith("too-late at promptTokens 64 (wanted 5, ")


def test_a_verdict_is_told_whole() -> None:
    verdict = Verdict("too-late", Severity.REJECTS, {"wanted": 5}, "start earlier")
    assert verdict.record() == {
        "name": "too-late",
        "severity": "rejects",
        "evidence": {"wanted": 5},
        "advice": "start earlier",
        "point": {},
    }
