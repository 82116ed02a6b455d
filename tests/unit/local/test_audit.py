"""The report of `make check` on known vulnerabilities, which claims no audit that did not happen."""

from typing import Any

import pytest

from local import audit

KNOWN: dict[str, Any] = {"name": "one", "version": "1", "vulns": []}
UNKNOWN: dict[str, Any] = {"name": "two", "version": "2", "skip_reason": "not found on PyPI"}
VULNERABLE: dict[str, Any] = {
    "name": "three",
    "version": "3",
    "vulns": [{"id": "CVE-2026-1", "fix_versions": ["3.1"], "description": "lets everybody in"}],
}


@pytest.mark.parametrize(
    ("packages", "status", "line"),
    [
        ([KNOWN], 0, "1 packages audited, 0 known vulnerabilities\n"),
        (
            [KNOWN, UNKNOWN],
            0,
            "1 packages audited, 0 known vulnerabilities; the reachable data does not cover 1",
        ),
        ([KNOWN, VULNERABLE], 1, "three 3: CVE-2026-1, fixed in 3.1: lets everybody in"),
        ([UNKNOWN], 0, "covers none of the 1 pinned versions, so nothing was audited"),
    ],
)
def test_the_report_says_what_was_audited(
    capsys: pytest.CaptureFixture[str], packages: list[dict[str, Any]], status: int, line: str
) -> None:
    assert audit.report(packages) == status
    assert line in capsys.readouterr().out


@pytest.mark.slow
def test_without_a_network_the_report_says_that_nothing_was_audited(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert audit.main(["requirements/sampler.txt"]) == 0
    assert "cannot be reached from here, so nothing was audited" in capsys.readouterr().out
