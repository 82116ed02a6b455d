"""What `make check` says of known vulnerabilities, and that it claims no audit that was none."""

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
    ("packages", "status", "said"),
    [
        ([KNOWN], 0, "1 packages audited, 0 known vulnerabilities\n"),
        (
            [KNOWN, UNKNOWN],
            0,
            "1 packages audited, 0 known vulnerabilities; the reachable data lacks 1",
        ),
        ([KNOWN, VULNERABLE], 1, "three 3: CVE-2026-1, fixed in 3.1: lets everybody in"),
        ([UNKNOWN], 0, "has none of 1 pinned versions, so nothing was audited"),
    ],
)
def test_it_says_what_was_audited(
    capsys: pytest.CaptureFixture[str], packages: list[dict[str, Any]], status: int, said: str
) -> None:
    assert audit.report(packages) == status
    assert said in capsys.readouterr().out


@pytest.mark.slow
def test_without_a_way_out_it_says_that_nothing_was_audited(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert audit.main(["requirements/sampler.txt"]) == 0
    assert "cannot be reached, so nothing was audited" in capsys.readouterr().out
