import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

UNDOCUMENTED = {"/", "/openapi.json", "/docs/", "/docs/<path:path>", "/static/<path:filename>"}
"""The documentation's own routes."""

METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}


@pytest.fixture
def document(client: FlaskClient) -> Any:
    return client.get("/openapi.json").json


def operations(document: Any) -> Iterator[tuple[str, Any]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method.upper() in METHODS:
                yield f"{method.upper()} {path}", operation


def test_every_route_is_documented(app: Flask, document: Any) -> None:
    routes = {
        f"{method} {rule.rule.replace('<uuid:', '{').replace('>', '}')}"
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) & METHODS
        if rule.rule not in UNDOCUMENTED and not rule.endpoint.startswith(("pages.", "assets."))
    }
    assert routes == {name for name, _ in operations(document)}
    assert {"GET /api/v1/ws/test-progress", "GET /api/v1/ws/hardware", "GET /metrics"} <= routes


def test_every_operation_has_its_statuses(document: Any) -> None:
    for name, operation in operations(document):
        statuses = set(operation["responses"])
        assert "500" in statuses, name
        assert ("401" in statuses) == (operation.get("security") != []), name
        assert statuses & {"101", "200", "202", "204"}, name
        assert operation["summary"], name
        if "requestBody" in operation:
            assert {"400", "413", "415", "422"} <= statuses, name
        if operation.get("parameters"):
            assert "422" in statuses, name
        if "{" in name:
            assert "404" in statuses, name


def test_parameters_have_their_names_in_urls(document: Any) -> None:
    named = {
        name: {(parameter["in"], parameter["name"]) for parameter in operation.get("parameters", [])}
        for name, operation in operations(document)
    }
    assert named["GET /api/v1/test-results"] == {
        ("query", name)
        for name in (
            "modelName",
            "testType",
            "hardwareConfig",
            "dateRange[start]",
            "dateRange[end]",
            "metrics",
            "page",
            "limit",
        )
    }
    assert named["POST /api/v1/test-sessions"] == {("header", "Idempotency-Key")}
    assert named["GET /api/v1/test-sessions"] == {
        ("query", name) for name in ("search", "tags", "host", "group", "page", "limit", "results")
    }
    assert named["GET /ws/test-progress"] == {("query", "sessionId"), ("query", "after")}
    assert named["GET /ws/hardware"] == {("query", "host"), ("query", "hz")}


def test_operations_have_unique_ids_and_links_lead_to_them(document: Any) -> None:
    named = [operation["operationId"] for _, operation in operations(document)]
    assert len(set(named)) == len(named)
    leading = {
        operation["operationId"]: {link["operationId"] for link in answer["links"].values()}
        for _, operation in operations(document)
        for answer in operation["responses"].values()
        if "links" in answer
    }
    assert leading.keys() == {
        "sessions.create",
        "sessions.listing",
        "sessions.read",
        "sessions.cancel",
        "results.results",
    }
    for led_to in leading.values():
        assert led_to == {"sessions.read", "sessions.cancel", "sessions.delete", "telemetry.read"} & set(named)
        assert len(led_to) == 4


def test_responses_mark_fields_that_are_always_present(document: Any) -> None:
    schemas = document["components"]["schemas"]
    assert set(schemas["SessionSummary"]["properties"]) - set(schemas["SessionSummary"]["required"]) == {"results"}
    assert set(schemas["Host"]["required"]) == set(schemas["Host"]["properties"])
    assert set(schemas["NewSession"]["required"]) == {"models", "testTypes"}


def test_every_reference_can_be_resolved(document: Any) -> None:
    references = set(re.findall(r"'\$ref': '#/([^']+)'", str(document)))
    assert len(references) > 10
    for reference in references:
        place = document
        for step in reference.split("/"):
            place = place[step]


def test_errors_and_keys_are_described(document: Any) -> None:
    assert document["components"]["schemas"]["Error"]["properties"].keys() == {"status", "message", "details"}
    schemes = document["components"]["securitySchemes"]
    key, bearer = schemes["ApiKey"], schemes["Bearer"]
    assert (key["type"], key["in"], key["name"]) == ("apiKey", "header", "X-API-Key")
    assert (bearer["type"], bearer["scheme"]) == ("http", "bearer")
    assert document["security"] == [{"ApiKey": []}, {"Bearer": []}]
    opened = {name for name, operation in operations(document) if operation.get("security") == []}
    assert opened == {"GET /healthz", "GET /readyz"}


def test_the_documentation_loads_nothing_from_other_sites(client: FlaskClient) -> None:
    page = client.get("/docs/").text
    assert '<a href="/">' in page
    sources = re.findall(r'<(?:script|link)[^>]* (?:src|href)="([^"]+)"', page)
    assert len(sources) > 3
    for source in sources:
        assert source.startswith(("/docs/", "/assets/"))
        with client.get(source) as answer:
            assert answer.status_code == 200
    own = next(source for source in sources if source.endswith("/api-docs.js"))
    with client.get(own) as script:
        assert "new URL('../../../openapi.json'" in script.get_data(as_text=True)
        assert "validatorUrl: null" in script.get_data(as_text=True)
