"""The HTML report: one file without scripts and links to elsewhere, whose charts show the runs."""

import re
from html.parser import HTMLParser

from flask.testing import FlaskClient

from api.web.pages.charts.svg.thinning import MAX_DOTS
from common.store.tables import Session
from tests.support.stored.measured import decode, measured, prefill

NAME = '<script>alert(1)</script> & "co"'
EMPTY = {"meta", "link", "br", "circle", "line", "polyline", "polygon", "rect", "path"}


class Outline(HTMLParser):
    """The tags of a page with their attributes, which must be closed in their order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._open: list[str] = []
        self.feed(text)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in EMPTY:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert tag in EMPTY or self._open.pop() == tag, tag

    def number(self, tag: str) -> int:
        """Return how many tags of a name there are."""
        return sum(name == tag for name, _ in self.tags)


def report(client: FlaskClient, session: Session) -> str:
    answer = client.get(f"/api/v1/test-sessions/{session.id}/export?format=html")
    assert (answer.status_code, answer.content_type) == (200, "text/html; charset=utf-8")
    return answer.text


def test_a_report_is_one_file_with_charts_intervals_and_grades(client: FlaskClient) -> None:
    verdict = {"name": "reloaded", "severity": "rejects", "evidence": {}, "advice": "wait", "point": {}}
    rates = [40.0 + number % 7 for number in range(3 * MAX_DOTS)]
    plans = {
        "decode": decode(*rates, verdicts=[verdict]),
        "prefill": prefill({64: [900.0] * 6, 1024: [1000.0, 1010.0, 990.0, 1005.0, 995.0, 1001.0]}),
        "ttft": decode(failure="the model's runner <b>crashed</b>"),
    }
    session = measured(plans, (NAME, "tiny:latest"), name=NAME, tags=("t",))
    text = report(client, session)
    found = Outline(text)
    assert not {"script", "link", "img", "iframe", "object"} & {tag for tag, _ in found.tags}
    targets = [value for _, attributes in found.tags for name in ("href", "src") if (value := attributes.get(name))]
    assert targets
    assert all(target.startswith("#test-") for target in targets)
    assert "url(" not in text
    assert "@import" not in text
    assert text.count('<svg class="drawing') == 2
    assert 0 < found.number("circle") <= 3 * MAX_DOTS
    assert found.number("polyline") == 2  # a line for each model
    assert "990" in text
    assert 'class="grade clean"' in text
    assert "&lt;b&gt;crashed&lt;/b&gt;" in text
    assert "<b>" not in text
    assert "curl -s" in text
    assert session.id in text
    assert re.search(r"\d+ to \d+ tok/s", text)
    assert len(text) < 300_000


def test_a_session_that_has_no_results_has_a_report(client: FlaskClient) -> None:
    assert Outline(report(client, measured({"decode": decode(failure="no memory")}, inventory=None)))
    censored = measured({"decode": decode(5.0), "prefill": prefill({64: [0.0], 128: [0.0]})})
    Session.update(pruned_at=censored.created_at, imported_at=censored.created_at, note="n\n<").execute()
    text = report(client, censored)
    assert "imported" in text
    assert "were deleted" in text
    assert text.count('<svg class="drawing') == 2
    assert Outline(text)
