"""The list of regressions, its filters, and their acknowledgement."""

from flask.testing import FlaskClient

from common.stats.comparing.comparison import Outcome
from common.store.alerts import regressions
from common.store.alerts.tables import EndReason
from common.values.units import iso
from tests.integration.api.conftest import body
from tests.support.stored.comparable import DAY
from tests.support.stored.regressions import SESSIONS, stored

PATH = "/api/v1/regressions"


def test_a_regression_is_open_until_it_is_over(client: FlaskClient) -> None:
    one = stored(0)
    [listed] = body(client.get(PATH))["regressions"]
    assert listed == body(client.get(f"{PATH}/{one.id}"))
    assert listed["state"] == "open"
    assert listed["over"] is None
    assert (listed["change"], listed["changeUnit"], listed["interval"]) == (-12.0, "%", [-14.0, -10.0])
    assert (listed["before"], listed["after"]["value"]) == ({"value": 100.0, "ci95": [99.0, 101.0]}, 88.0)
    assert (listed["firstSession"], listed["seenSession"], listed["start"]) == (*SESSIONS[:2], iso(DAY))
    assert regressions.end(one, EndReason.RECOVERED, SESSIONS[2], "It is as before.")
    assert not regressions.end(one, EndReason.RECOVERED, SESSIONS[3], "Again.")
    assert body(client.get(PATH))["total"] == 0
    [over] = body(client.get(PATH, query_string={"state": "over"}))["regressions"]
    assert over["over"] == {
        "at": over["over"]["at"],
        "reason": "recovered",
        "sessionId": SESSIONS[2],
        "sentence": "It is as before.",
    }


def test_filters(client: FlaskClient) -> None:
    kept = [stored(0), stored(1, host="other"), stored(2, model="small:latest"), stored(3)]
    regressions.acknowledge(kept[1].id, acknowledged=True, note=None, with_note=False)
    regressions.end(kept[3], EndReason.RECOVERED, SESSIONS[5], "Over.")
    kept.append(stored(4, outcome=Outcome.BETTER))
    found: list[tuple[dict[str, str], list[int], int]] = [
        ({}, [2, 1, 0], 3),
        ({"state": "all", "limit": "2"}, [3, 2], 4),
        ({"state": "all", "limit": "2", "page": "2"}, [1, 0], 4),
        ({"outcome": "better"}, [4], 1),
        ({"outcome": "all", "modelName": "tiny"}, [4, 1, 0], 3),
        ({"modelName": "tiny"}, [1, 0], 2),
        ({"host": "other"}, [1], 1),
        ({"metric": "timeToFirstToken"}, [], 0),
        ({"testType": "decode", "host": "local"}, [2, 0], 2),
        ({"acknowledged": "true"}, [1], 1),
        ({"acknowledged": "false"}, [2, 0], 2),
        ({"sessionId": SESSIONS[2]}, [1], 1),
        ({"sessionId": SESSIONS[5], "state": "all"}, [3], 1),
    ]
    for asked, numbers, total in found:
        answer = body(client.get(PATH, query_string=asked))
        assert [each["id"] for each in answer["regressions"]] == [kept[number].id for number in numbers], asked
        assert answer["total"] == total, asked


def test_somebody_acknowledges_one(client: FlaskClient) -> None:
    path = f"{PATH}/{stored(0).id}"
    known = body(client.patch(path, json={"acknowledged": True, "note": "The new driver stays."}))
    assert known["acknowledgedAt"] is not None
    assert known["note"] == "The new driver stays."
    assert body(client.patch(path, json={"note": None}))["acknowledgedAt"] == known["acknowledgedAt"]
    unknown = body(client.patch(path, json={"acknowledged": False}))
    assert (unknown["acknowledgedAt"], unknown["note"], unknown["state"]) == (None, None, "open")


def test_a_regression_that_does_not_exist_is_404(client: FlaskClient) -> None:
    for answer in (client.get(f"{PATH}/{SESSIONS[0]}"), client.patch(f"{PATH}/{SESSIONS[0]}", json={})):
        assert answer.status_code == 404
        assert body(answer)["message"] == f"There is no regression {SESSIONS[0]}."
