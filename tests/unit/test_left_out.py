"""The last line of the whole suite, which counts what was left out."""

from collections import Counter
from pathlib import Path

from tests.__main__ import skipped, summary

REPORT = """<testsuites><testsuite>
<testcase name="one"><skipped type="pytest.skip" message="Chromium was not found.">at one.py:1</skipped></testcase>
<testcase name="two"><skipped type="pytest.skip" message="Chromium was not found.">at two.py:1</skipped></testcase>
<testcase name="three"><skipped type="pytest.skip" message="Linux only">at three.py:1</skipped></testcase>
<testcase name="four" />
</testsuite></testsuites>"""


def test_skipped_tests_are_counted_by_reason(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    report.write_text(REPORT)
    assert skipped(report) == {"Chromium was not found.": 2, "Linux only": 1}


def test_the_last_line_says_how_many_were_left_out_and_why() -> None:
    left_out = Counter({"Chromium was not found.": 69, "Linux only": 1})
    assert summary(left_out) == "Tests that were left out: 70. 69: Chromium was not found. 1: Linux only"
    assert summary(Counter()) == "No test was left out."
