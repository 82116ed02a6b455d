from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.integration.api.conftest import KEY, NewApp

PATHS = [
    "/docs/",
    "/docs/swagger-ui.css",
    "/static/docs.js",
    "/openapi.json",
    "/healthz",
    "/nothing",
    "/api/v1/test-types",
]


@pytest.mark.parametrize("path", PATHS)
def test_every_response_has_the_security_headers(client: FlaskClient, path: str) -> None:
    with client.get(path) as answer:
        policy = answer.headers["Content-Security-Policy"].split("; ")
        assert "script-src 'self'" in policy
        assert "default-src 'none'" in policy
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "Access-Control-Allow-Origin" not in answer.headers


def test_no_response_with_data_may_be_cached(new_app: NewApp) -> None:
    client = new_app(api_keys=(KEY,)).test_client()
    for key, status in [(KEY, 200), ("wrong", 401)]:
        answer = client.get("/api/v1/test-sessions", headers={"X-API-Key": key})
        assert (answer.status_code, answer.headers["Cache-Control"]) == (status, "no-store")


def test_other_sites_may_not_read_responses(client: FlaskClient) -> None:
    asked = {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "POST"}
    answer = client.options("/api/v1/test-sessions", headers=asked)
    assert not [name for name in dict(answer.headers) if name.startswith("Access-Control")]


def test_no_page_has_a_script_or_style_that_the_policy_refuses(app: Flask) -> None:
    pages = [path.read_text() for path in (Path(app.root_path) / "web" / "templates").glob("*.html")]
    assert pages
    for page in pages:
        assert "<style" not in page
        assert " style=" not in page
        assert " onclick=" not in page
        assert page.count("<script") == page.count("<script src=")
