"""Bodies of submissions that are refused, each with the fields that are wrong."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from redis import Redis

from api.schemas.sessions.submission import MAX_MODELS
from common.catalogue.test_types import TEST_TYPES
from common.store.tables import Session
from tests.integration.api.conftest import body
from tests.integration.api.submission.test_submit import BODY, submit

REFUSED: list[tuple[object, dict[str, Any]]] = [
    ({}, {"models": ["Missing data for required field."], "testTypes": ["Missing data for required field."]}),
    ([], {"body": ["must be an object"]}),
    (BODY | {"models": []}, {"models": ["choose 1 to 20 models"]}),
    (BODY | {"models": "tiny"}, {"models": ["Not a valid list."]}),
    (BODY | {"models": [7]}, {"models": {"0": ["Not a valid string."]}}),
    (BODY | {"models": [f"m{n}" for n in range(MAX_MODELS + 1)]}, {"models": ["choose 1 to 20 models"]}),
    (BODY | {"models": ["tiny", "tiny:latest"]}, {"models": ["must not contain tiny:latest twice"]}),
    (BODY | {"testTypes": ["decode", "decode"]}, {"testTypes": ["must not contain decode twice"]}),
    (BODY | {"models": ["x\u0000"]}, {"models": {"0": ["must not contain control characters"]}}),
    (BODY | {"name": "\ud800"}, {"name": ["must not contain control characters"]}),
    (
        BODY | {"model": "tiny"},
        {
            "model": [
                "is unknown. Use models. Known are models, testTypes, order, effort, repeat, name, tags, host, options."
            ]
        },
    ),
    (BODY | {"effort": "best"}, {"effort": ["Must be one of: quick, standard, thorough."]}),
    (BODY | {"repeat": 21}, {"repeat": ["must be from 1 to 20"]}),
    (BODY | {"repeat": 1.5}, {"repeat": ["Not a valid integer."]}),
    (BODY | {"tags": ["a,b"]}, {"tags": {"0": ["must not contain a comma, because commas separate tags in a search"]}}),
    (BODY | {"tags": ["x" * 65]}, {"tags": {"0": ["must have 1 to 64 characters"]}}),
    (BODY | {"tags": ["x"] * 21}, {"tags": ["at most 20 tags"]}),
    (BODY | {"host": "moon"}, {"host": ["There is no host moon. Hosts: local, other."]}),
    (
        BODY | {"models": ["tiny", "huge"]},
        {"models": ["huge:latest: not on host local; installed are tiny:latest, small:latest"]},
    ),
    (BODY | {"testTypes": ["decode", "speed"]}, {"testTypes": [f"unknown: speed; known are {', '.join(TEST_TYPES)}"]}),
    (
        BODY | {"testTypes": ["decode"], "options": {"ttft": {"promptTokens": 1}}},
        {"options": {"ttft": ["is not in testTypes"]}},
    ),
    (
        BODY | {"options": {"decode": {"outputTokens": 0}, "ttft": {"promptTokens": True}}},
        {
            "options": {
                "decode": {"outputTokens": ["must be from 16 to 16384 tokens"]},
                "ttft": {"promptTokens": ["must be a whole number or a list of whole numbers"]},
            }
        },
    ),
    (
        BODY | {"options": {"decode": {"promptTokens": 4000, "contextLength": 2048}}},
        {"options": {"decode": {"contextLength": ["must be at least 4192: promptTokens + outputTokens + 64"]}}},
    ),
]


@pytest.mark.parametrize(("sent", "details"), REFUSED)
def test_bad_bodies_are_refused_by_field(
    client: FlaskClient, redis: Redis, sent: object, details: dict[str, Any]
) -> None:
    answer = submit(client, sent)
    assert answer.status_code == 422
    assert body(answer) == {
        "status": 422,
        "message": f"The request is not valid: {', '.join(details)}.",
        "details": details,
    }
    assert Session.select().count() == 0
    assert redis.keys() == []


@pytest.mark.parametrize(
    ("data", "status", "message"),
    [
        (b"{", 400, "The body is not valid JSON: "),
        (b"", 400, "The body is empty. Send a JSON object."),
        (b"\xff", 400, "The body is not valid JSON: "),
        (b'{"models": NaN}', 400, "The body is not valid JSON: NaN is not a number."),
        (b"[" * 60_000, 400, "The body is not valid JSON: it is nested more than 100 levels deep."),
        (b"9" * 5000, 400, "The body is not valid JSON: "),
        (b'{"models": ["a"], "models": ["b"]}', 422, "The request is not valid: models."),
        (b" " * 65_537, 413, "The body is too large. Send at most 65536 bytes."),
    ],
)
def test_what_is_no_proper_json_is_refused(client: FlaskClient, data: bytes, status: int, message: str) -> None:
    answer = client.post("/api/v1/test-sessions", data=data, content_type="application/json")
    assert (answer.status_code, body(answer)["status"]) == (status, status)
    assert body(answer)["message"].startswith(message)


def test_another_content_type_is_refused(client: FlaskClient) -> None:
    answer = client.post("/api/v1/test-sessions", data="{}")
    assert answer.status_code == 415
    assert body(answer)["message"] == "The body must be JSON, with the header Content-Type: application/json."
    for encoding, status in (("gzip", 415), ("br", 415), ("Identity", 422)):
        answer = client.post("/api/v1/test-sessions", json={}, headers={"Content-Encoding": encoding})
        assert answer.status_code == status
        assert ("Content-Encoding" in body(answer)["message"]) == (status == 415)
