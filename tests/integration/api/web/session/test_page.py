import logging
import re
from collections.abc import Sequence

import pytest
from flask.testing import FlaskClient

from api.web.pages.presentation.colours import model_series
from common.records.verdicts import VerdictRecord
from common.store.changes import writes
from common.store.database import database
from common.store.reads import sessions
from common.store.tables import Phase, Run, Session
from common.values.units import now
from tests.integration.api.conftest import body
from tests.support.stored.measured import Plan, begun, decode, end, measured, prefill
from tests.support.stored.sessions import claimed, queued

VERDICT: VerdictRecord = {
    "name": "foreign-load",
    "severity": "flags",
    "evidence": {"foreignCpu": 64.04, "gpu": None, "processes": {"python": 14.4}},
    "advice": "end what else runs on this machine, then measure again",
    "point": {},
}


def page(client: FlaskClient, session: Session) -> str:
    answer = client.get(f"/sessions/{session.id}")
    assert answer.status_code == 200, answer.text
    return answer.text


def words(html: str) -> str:
    """Return what a person reads of it."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def section(html: str, name: str) -> str:
    found = re.search(rf'<section id="{name}".*?</section>', html, re.DOTALL)
    assert found, name
    return found[0]


def test_a_session_that_is_not_there_is_a_page_with_404(client: FlaskClient) -> None:
    answer = client.get("/sessions/00000000-0000-7000-8000-000000000000")
    assert answer.status_code == 404
    assert "There is no session" in answer.text


def test_the_findings_come_first_then_each_test_then_its_runs(client: FlaskClient) -> None:
    html = page(client, measured({"decode": decode(40.0, 41.0, 42.0), "prefill": prefill({128: [900.0]})}))
    order = ("hero", "test-decode", "test-prefill", "machine", "runs-decode", "runs-prefill", "reproduce")
    places = [html.index(f'id="{name}"') for name in order]
    assert places == sorted(places)
    assert "decode is as it is." in words(html)


def test_headline_numbers_have_unit_interval_and_number_of_runs(client: FlaskClient) -> None:
    html = page(client, measured({"decode": decode(40.0, 41.0, 42.0, 41.0, 40.0, 42.0)}))
    assert re.search(r"decode 41\.0 tok/s 95 %: 40\.\d–42\.0 tok/s, n = 6", words(section(html, "test-decode")))


def test_models_stand_side_by_side_and_who_is_clearly_ahead_is_marked(client: FlaskClient) -> None:
    session = begun({"decode": decode()}, ("tiny:latest", "small:latest"))
    claim, (tiny, small) = claimed(session)
    end(claim, tiny, decode(*(40.0, 41.0, 42.0) * 2))
    end(claim, small, decode(*(10.0, 11.0, 12.0) * 2))
    writes.finish_session(claim)
    html = page(client, session)
    assert "tiny:latest writes fastest" in words(section(html, "hero"))
    assert words(section(html, "test-decode")).index("tiny:latest") < words(section(html, "test-decode")).index("small")


def test_no_model_is_ahead_whose_interval_meets_anothers(client: FlaskClient) -> None:
    session = begun({"decode": decode()}, ("tiny:latest", "small:latest"))
    claim, (tiny, small) = claimed(session)
    end(claim, tiny, decode(*(40.0, 41.0, 42.0) * 2))
    end(claim, small, decode(*(39.0, 41.5, 44.0) * 2))
    writes.finish_session(claim)
    assert "No model is clearly ahead in speed" in page(client, session)


def test_the_shorter_wait_is_ahead_and_only_of_what_is_alike(client: FlaskClient) -> None:
    def waits(point: int, *values: float) -> Plan:
        runs = [{"timeToFirstToken": value} for value in values * 2]
        return Plan("timeToFirstToken", [({"promptTokens": point}, runs)], {"promptTokens": [point]})

    def ahead(first: Plan, second: Plan) -> bool:
        session = begun({"ttft": first}, ("tiny:latest", "small:latest"))
        claim, (tiny, small) = claimed(session)
        end(claim, tiny, first)
        end(claim, small, second)
        writes.finish_session(claim)
        return "tiny:latest answers first" in page(client, session)

    assert ahead(waits(128, 50.0, 51.0, 52.0), waits(128, 90.0, 91.0, 92.0))
    assert not ahead(waits(128, 50.0, 51.0, 52.0), waits(256, 90.0, 91.0, 92.0))


def test_a_verdict_stands_with_its_sentence_evidence_and_advice(client: FlaskClient) -> None:
    html = page(client, measured({"decode": decode(40.0, 41.0, verdicts=[VERDICT])}))
    assert (
        "Other programs were busy before the test began. End what else runs on this machine, then measure again. "
        "1 of 1 tests tiny:latest, decode : Other programs used 64.0 % of the CPU, the busiest: python 14.4 %."
        in words(section(html, "trust"))
    )
    assert "1 of 1 test is disturbed." in words(section(html, "hero"))


def test_a_failed_test_says_why_with_the_last_lines_of_its_log(client: FlaskClient) -> None:
    failed = Plan("decodeTokensPerSecond", [], failure="the model tiny:latest is gone; pull it <again>")
    html = page(client, measured({"decode": failed, "prefill": prefill({128: [900.0]})}))
    shown = section(html, "test-decode")
    assert "The model tiny:latest is gone; pull it &lt;again&gt;" in shown
    assert "decode of tiny:latest begins" in shown
    assert "1 of 2 tests failed. The model tiny:latest is gone; pull it &lt;again&gt;" in words(section(html, "hero"))


def test_a_failed_test_has_the_verdicts_that_were_found_before(client: FlaskClient) -> None:
    session = begun({"decode": decode()})
    claim, [test] = claimed(session)
    writes.add_verdict(claim, test, VERDICT, "foreign-load")
    for status, shown in (("running", 0), ("error", 1)):
        (stored,) = body(client.get(f"/api/v1/test-sessions/{session.id}"))["models"][0]["tests"]
        assert (stored["status"], stored["verdicts"], stored["metrics"]) == (status, [VERDICT], None)
        assert words(page(client, session)).count("tiny:latest, decode : Other programs used 64.0 %") == shown
        writes.fail_test(claim, test, "the model is gone")


def test_a_session_with_failures_says_so_at_its_head(client: FlaskClient) -> None:
    session = begun({"decode": decode(), "ttft": decode()})
    claim, (first, second) = claimed(session)
    end(claim, first, decode(40.0, 41.0))
    writes.fail_test(claim, second, "out of memory")
    writes.finish_session(claim)
    header = section(page(client, session), "session-header")
    assert "1 of 2 failed" in words(header)
    assert "1 of 2 tests measured" in words(header)
    assert 'class="badge doubtful"' in header


def test_of_a_session_that_runs_what_is_done_is_there_and_the_rest_waits(client: FlaskClient) -> None:
    session = begun({"decode": decode(), "prefill": prefill({}), "ttft": decode()})
    claim, (first, second, _) = claimed(session)
    end(claim, first, decode(40.0, 41.0))
    writes.set_phase(claim, second, Phase.MEASURING)
    html = page(client, session)
    assert "1 of 3 tests done" in words(section(html, "session-header"))
    assert "40.5" in section(html, "test-decode")
    assert 'id="test-prefill"' not in html
    assert "ttft waiting" in words(section(html, "live"))


def test_a_session_that_waits_has_a_page(client: FlaskClient) -> None:
    html = page(client, queued())
    assert "queued" in words(section(html, "session-header"))
    assert 'id="results"' in html
    assert "The machine is described when the session starts" in html


def test_every_run_can_be_read_without_a_chart(client: FlaskClient) -> None:
    flagged = VERDICT | {"name": "rates-disagree", "point": {"promptTokens": 1024}, "repetitions": [2]}
    plan = prefill({128: [900.0, 910.0], 1024: [1500.0, 1510.0]}, verdicts=[flagged])
    shown = words(section(page(client, measured({"prefill": plan})), "runs-prefill"))
    assert "tiny:latest 128 prompt tokens 900, 910 tok/s" in shown
    assert "tiny:latest 1024 prompt tokens 1500, 1510 (flagged: rates-disagree) tok/s" in shown


def test_of_thousands_of_runs_the_page_shows_a_thousand_with_their_spikes(client: FlaskClient) -> None:
    session = measured({"sustained": decode(40.0, 41.0)})
    [test] = sessions.tests(session.id)
    more = [
        {"test": test, "repetition": number, "at": now(), "record": {}}
        | {"metrics": {"decodeTokensPerSecond": 77.7 if number == 1234 else 40.0}}
        for number in range(3, 3001)
    ]
    with database.atomic():
        for start in range(0, len(more), 500):
            Run.insert_many(more[start : start + 500]).execute()
    shown = words(section(page(client, session), "runs-sustained"))
    assert shown.count("40.0") <= 1000
    assert "77.7" in shown
    assert "2000 more runs of" in shown


def test_more_models_take_no_more_queries_and_a_further_test_type_two(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    def queries_for(types: Sequence[str], models: Sequence[str]) -> int:
        session = measured({name: decode(40.0, 41.0) for name in types}, models)
        with client.application.app_context():
            model_series(models)  # the colours of models are read once
        caplog.clear()
        with caplog.at_level(logging.DEBUG, "peewee"):
            page(client, session)
        return sum(record.name == "peewee" for record in caplog.records)

    queries_for(["decode"], ["a:1", "b:1", "c:1"])  # from now on, the colours of the models are known
    few = queries_for(["decode"], ["a:1"])
    assert 0 < few == queries_for(["decode"], ["a:1", "b:1", "c:1"])
    assert queries_for(["decode", "ttft", "prefill"], ["a:1", "b:1"]) == few + 2 * 2


def test_many_models_are_a_table(client: FlaskClient) -> None:
    names = [f"m{number}:latest" for number in range(10)]
    html = page(client, measured({"decode": decode(40.0, 41.0)}, names))
    assert section(html, "test-decode").count('<td class="amount first">') == 10
    assert section(html, "hero").count('class="bar-chart') == 10


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "\"'><img>"])
def test_names_are_text(client: FlaskClient, name: str) -> None:
    html = page(client, measured({"decode": decode(40.0, 41.0)}, (name,), name=name, tags=(name,)))
    assert "<script>alert" not in html
    assert "<img" not in html


def test_a_session_of_older_metrics_has_a_page(client: FlaskClient) -> None:
    session = begun({"decode": decode()})
    claim, [test] = claimed(session)
    writes.complete_test(claim, test, {"tokensPerSecond": 42.0})
    writes.finish_session(claim)
    assert "42.0" in section(page(client, session), "test-decode")


def test_each_warning_stands_once_the_gravest_first(client: FlaskClient) -> None:
    once = {**VERDICT, "name": "swapping", "evidence": {}, "advice": "Use a smaller model."}
    noisy = {
        **VERDICT,
        "name": "unsettled",
        "evidence": {"halfWidth": 0.05, "wanted": 0.02, "runs": 6},
        "advice": "Wait.",
    }
    harmless = {**VERDICT, "name": "runs-rejected", "evidence": {}, "advice": "Read the log."}
    plans = {
        "ttft": decode(40.0, verdicts=[harmless, noisy, VERDICT]),
        "decode": decode(40.0, verdicts=[once, VERDICT, VERDICT]),
        "prefill": decode(failure="out of memory"),
    }
    trust = section(page(client, measured(plans, ("a:1", "b:1"))), "trust")
    assert re.findall(r'<li class="([a-z]+)">', trust) == ["failed", "disturbed", "disturbed", "noisy", "harmless"]
    assert re.findall(r"(\d) of 6 tests", trust) == ["2", "4", "2", "2", "2"]
    assert "1 remark that does not lower the grade of a result" in trust
    assert trust.count("Other programs were busy before the test began.") == 1
