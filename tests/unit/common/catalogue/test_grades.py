"""Grades follow from the verdicts that flag a result."""

import pytest

from common.catalogue.grades import SENTENCES, grade
from common.catalogue.verdicts import VERDICTS
from common.catalogue.verdicts.verdict_type import Grade, Severity


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ((), "clean"),
        (("runs-rejected", "partly-on-cpu"), "clean"),
        (("unsettled",), "noisy"),
        (("drifting", "throttled"), "disturbed"),
        (("other-model",), "disturbed"),
        (("no-readings",), None),
        (("no-readings", "unstable-warm-up"), "noisy"),
        (("of-another-release",), "clean"),
    ],
)
def test_a_result_is_as_good_as_its_worst_flag(flags: tuple[str, ...], expected: str | None) -> None:
    assert grade([{"name": name, "severity": "flags"} for name in flags]) == expected


def test_rejected_runs_do_not_count_and_unknown_verdicts_give_no_grade() -> None:
    assert grade([{"name": "throttled", "severity": "rejects"}]) == "clean"
    assert grade(None) is None
    assert SENTENCES.keys() == {*Grade, None}
    rejecting = [declared for declared in VERDICTS.values() if declared.severity == Severity.REJECTS]
    assert {declared.grade for declared in rejecting} == {Grade.CLEAN}
