from typing import Any

from flask.testing import FlaskClient

from common.store.changes import writes
from common.store.tables import Test
from common.values.units import EPOCH, moment
from tests.integration.api.conftest import body
from tests.support.stored.sessions import claimed, queued

RUNS = {"runs": {"counted": 10, "rejected": 0, "rejectionRate": 0.0}}


def asked(client: FlaskClient, **wanted: Any) -> Any:
    return client.post("/api/v1/estimates", json={"models": ["tiny"], "testTypes": ["decode", "ttft"], **wanted})


def test_an_estimate_lists_known_and_unknown_tests(client: FlaskClient) -> None:
    claim, tests = claimed(queued())
    writes.complete_test(claim, tests[0], RUNS)
    Test.update(started_at=EPOCH, finished_at=moment(20_000)).where(Test.id == tests[0].id).execute()
    answer = asked(client)
    assert answer.status_code == 200
    assert body(answer) == {
        "low": 16_000,
        "high": 40_000,
        "efforts": [
            {"effort": "quick", "low": 6000, "high": 6000},
            {"effort": "standard", "low": 16_000, "high": 40_000},
            {"effort": "thorough", "low": 16_000, "high": 200_000},
        ],
        "tests": 2,
        "rough": [],
        "neverMeasured": [{"modelName": "tiny:latest", "testType": "ttft"}],
    }


def test_the_estimate_is_that_of_the_effort_for_all_repeats(client: FlaskClient) -> None:
    claim, tests = claimed(queued())
    writes.complete_test(claim, tests[0], RUNS)
    Test.update(started_at=EPOCH, finished_at=moment(20_000)).where(Test.id == tests[0].id).execute()
    answer = body(asked(client, effort="quick", repeat=5))
    assert (answer["low"], answer["high"]) == (30_000, 30_000)


def test_wrong_options_are_reported_before_a_submission(client: FlaskClient) -> None:
    answer = asked(client, options={"decode": {"promptTokens": 0}})
    assert answer.status_code == 422
    assert "promptTokens" in body(answer)["details"]["options"]["decode"]


def test_what_was_never_measured_is_unknown(client: FlaskClient) -> None:
    answer = body(asked(client, host="any"))
    assert {(each["low"], each["high"]) for each in (answer, *answer["efforts"])} == {(None, None)}


def test_an_unknown_host_is_refused(client: FlaskClient) -> None:
    answer = asked(client, host="nowhere")
    [problem] = body(answer)["details"]["host"]
    assert (answer.status_code, problem) == (422, "There is no host nowhere. Hosts: local, other.")


def test_an_estimate_stores_nothing(client: FlaskClient) -> None:
    asked(client)
    assert body(client.get("/api/v1/test-sessions"))["total"] == 0
