"""What came out of a session is rendered once for each state of it."""

import re

import pytest
from flask.testing import FlaskClient

from common.environment.exposure import Proxies
from common.store.changes import writes
from common.store.reads import runs, sessions
from common.store.tables import Session, Test
from tests.integration.api.conftest import HEADER, KEY, NewApp
from tests.support.stored.measured import begun, decode, end, measured, prefill
from tests.support.stored.sessions import claimed


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return the ids of the tests whose runs were read to render their test type, as often as they were."""
    found: list[int] = []
    read = runs.metrics

    def noting(tests: list[Test], names: set[str]) -> dict[int, runs.TestRuns]:
        found.extend(test.id for test in tests)
        return read(tests, names)

    monkeypatch.setattr("common.store.reads.runs.metrics", noting)
    return found


def ids(session: Session) -> list[int]:
    return [test.id for test in sessions.tests(session.id)]


def page(client: FlaskClient, session: Session) -> str:
    answer = client.get(f"/sessions/{session.id}")
    assert answer.status_code == 200, answer.text
    return answer.text


def test_a_page_that_is_asked_for_again_is_the_same_and_not_made_anew(client: FlaskClient, rendered: list[int]) -> None:
    session = measured({"decode": decode(40.0, 41.0, 42.0)})
    first = page(client, session)
    assert "41.0" in first
    assert page(client, session) == first
    assert rendered == ids(session)


def test_links_begin_with_the_path_that_the_page_was_asked_for_by(new_app: NewApp) -> None:
    client = new_app(forwarded_for=Proxies(count=1)).test_client()
    session = measured({"decode": decode(40.0, 41.0, 42.0)})
    for prefix in ("", "/gait", "/other"):
        html = client.get(f"/sessions/{session.id}", headers={"X-Forwarded-Prefix": prefix}).text
        links = re.findall(r'(?:href|src|action)="(/[^"]*)"', html)
        assert any(link.startswith(f"{prefix}/history?") for link in links)
        assert all(link.startswith(f"{prefix}/") for link in links)
        assert f"http://localhost{prefix}/api/v1/test-sessions" in html


def test_each_session_has_its_own(client: FlaskClient, rendered: list[int]) -> None:
    one, other = measured({"decode": decode(40.0, 41.0, 42.0)}), measured({"decode": decode(90.0, 91.0, 92.0)})
    assert "41.0" in page(client, one)
    assert "91.0" in page(client, other)
    assert rendered == [*ids(one), *ids(other)]


def test_while_a_session_runs_what_comes_is_there(client: FlaskClient) -> None:
    session = begun({"decode": decode(), "prefill": prefill({})})
    claim, (first, _) = claimed(session)
    assert 'id="test-decode"' not in page(client, session)
    end(claim, first, decode(40.0, 41.0, 42.0))
    assert "41.0" in page(client, session)
    writes.log(claim, first, "one more line")
    assert "one more line" in page(client, session)


def test_only_the_test_types_whose_tests_went_on_are_made_anew(client: FlaskClient, rendered: list[int]) -> None:
    session = begun({"decode": decode(), "prefill": prefill({})})
    claim, (first, second) = claimed(session)
    end(claim, first, decode(40.0, 41.0, 42.0))
    page(client, session)
    assert rendered == ids(session)
    rendered.clear()
    end(claim, second, prefill({512: [900.0, 901.0, 902.0]}))
    assert {"41.0", "901"} <= set(re.findall(r'class="number">([^<]+)<', page(client, session)))
    assert rendered == [first.id, second.id]  # the first one again for the chart at the top alone


def test_a_session_that_is_deleted_while_its_page_is_made_shows_no_results(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = measured({"decode": decode(40.0, 41.0, 42.0)})
    found = sessions.session_outline(session.id)
    writes.delete_session(session.id)
    monkeypatch.setattr("common.store.reads.sessions.session_outline", lambda _: found)
    html = page(client, session)
    assert 'id="test-decode"' not in html
    assert html.rstrip().endswith("</html>")


def test_only_what_has_ended_is_laid_out_as_it_comes_near(client: FlaskClient) -> None:
    session = begun({"decode": decode()})
    claim, (test,) = claimed(session)
    assert '<div id="results">' in page(client, session)
    end(claim, test, decode(40.0))
    writes.finish_session(claim)
    assert '<div id="results" class="ended">' in page(client, session)


def test_who_has_no_key_does_not_see_what_another_one_had_made(new_app: NewApp) -> None:
    client = new_app(api_keys=(KEY,)).test_client()
    session = measured({"decode": decode(40.0, 41.0, 42.0)})
    address = f"/sessions/{session.id}"
    assert "41.0" in client.get(address, headers=HEADER).text
    answer = client.get(address)
    assert answer.status_code == 401
    assert "41.0" not in answer.text


def test_a_session_that_is_deleted_is_gone_for_good(client: FlaskClient) -> None:
    session = measured({"decode": decode(40.0, 41.0, 42.0)})
    assert "41.0" in page(client, session)
    writes.delete_session(session.id)
    assert client.get(f"/sessions/{session.id}").status_code == 404


def test_an_outline_has_all_of_a_test_but_its_metrics(client: FlaskClient) -> None:
    assert client
    session = measured({"decode": decode(40.0, 41.0, 42.0)})
    outline = sessions.session_outline(session.id)
    assert outline is not None
    (brief,), (test,) = outline.tests, sessions.tests(session.id)
    assert brief.results is not (read := brief.results)  # a query each time, because no metrics were read
    assert [result.whole for result in read] == [test.metrics]
    names = ("id", "position", "model", "test_type", "options", "status", "phase", "message", "finished_at")
    assert [getattr(brief, name) for name in names] == [getattr(test, name) for name in names]


def test_the_headlines_of_tests_are_their_distributions(client: FlaskClient) -> None:
    assert client
    session = measured({"decode": decode(40.0, 41.0, 42.0), "prefill": prefill({}, failure="gone")})
    fast, failed = sessions.tests(session.id)
    found = sessions.headlines([fast.id, failed.id])
    assert found.keys() == {fast.id}
    assert (found[fast.id]["median"], found[fast.id]["unit"], found[fast.id]["n"]) == (41.0, "tokens/s", 3)
