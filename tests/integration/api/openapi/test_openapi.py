import re
from collections.abc import Iterator
from typing import Any

import openapi_spec_validator
import pytest
from flask import Flask
from flask.testing import FlaskClient
from openapi_schema_validator import OAS31Validator, oas31_format_checker

from api.http.urls import EXAMPLE
from tests.integration.api.conftest import NewApp

UNDOCUMENTED = {"/", "/openapi.json", "/asyncapi.json", "/docs/", "/docs/<path:path>", "/static/<path:filename>"}
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


ID = re.compile("<uuid:(.*?)_id>")


def _named(variable: re.Match[str]) -> str:
    return f"{{{variable[1]}Id}}"


def test_every_route_is_documented(app: Flask, document: Any) -> None:
    routes = {
        f"{method} {ID.sub(_named, rule.rule)}"
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) & METHODS
        if rule.rule not in UNDOCUMENTED and not rule.websocket and not rule.endpoint.startswith(("pages.", "assets."))
    }
    assert routes == {name for name, _ in operations(document)}
    assert {"GET /api/v1/models", "GET /healthz", "GET /metrics"} <= routes


def test_every_operation_has_its_statuses(document: Any) -> None:
    for name, operation in operations(document):
        statuses = set(operation["responses"])
        assert "500" in statuses, name
        assert ("401" in statuses) == (operation.get("security") != []), name
        assert statuses & {"200", "201", "202", "204"}, name
        if "requestBody" in operation:
            assert {"400", "413", "415", "422"} <= statuses, name
        if operation.get("parameters"):
            assert "422" in statuses, name
        if "{" in name:
            assert "404" in statuses, name


def resolved(document: Any, described: Any) -> Any:
    """Return what a description refers to, or the description itself."""
    for step in described.get("$ref", "#").split("/")[1:]:
        document = document[step]
    return document if "$ref" in described else described


def test_the_document_is_valid_and_complete(document: Any) -> None:
    """Check it by the rules of OpenAPI 3.1, and that every operation and answer has words and a valid example."""
    openapi_spec_validator.validate(document)
    for name, operation in operations(document):
        assert operation["summary"], name
        assert operation["description"], name
        assert operation["operationId"].isidentifier(), name
        assert all(parameter["description"] for parameter in operation.get("parameters", [])), name
        bodies = [operation["requestBody"]] if "requestBody" in operation else []
        for status, answer in operation["responses"].items():
            found = resolved(document, answer)
            assert found["description"], (name, status)
            assert ("content" in found) == (status != "204"), (name, status)
            bodies.append(found)
        for content in (content for body in bodies for content in body.get("content", {}).values()):
            schema = {**content["schema"], "components": document["components"]}
            OAS31Validator(schema, format_checker=oas31_format_checker).validate(content["example"])


BODIES: dict[str, Any] = {"POST": None, "PATCH": {}}


def test_the_example_of_an_unknown_id_is_the_real_answer(client: FlaskClient, document: Any) -> None:
    for name, operation in operations(document):
        method, path = name.split()
        found = resolved(document, operation["responses"].get("404", {}))
        if "{" in path:
            example = found["content"]["application/json"]["example"]
            real = client.open(re.sub("{.*?}", EXAMPLE, path), method=method, json=BODIES.get(method))
            assert real.json == example, name


def test_no_schema_says_what_clients_would_misread(document: Any) -> None:
    """Check that unknown values have the type null, and that clients accept fields of later versions."""
    for name, schema in schemas(document):
        assert "nullable" not in schema, name
        assert schema.get("default", ...) is not None, name
        assert "." not in name or "default" not in schema, name
        if "object" in schema.get("type", ()):
            assert {"properties", "additionalProperties"} & set(schema), name
        if schema.get("additionalProperties") is False:
            assert name.startswith("New") or name.partition(".")[0].endswith("Patch"), name
        if name.rpartition(".")[2] in ("id", "sessionId", "group") and name != "Fingerprint.id":
            assert schema["format"] == "uuid", name


def schemas(document: Any) -> Iterator[tuple[str, Any]]:
    """Yield each schema of the components and parameters, with its fields, and a name for messages."""
    found = list(document["components"]["schemas"].items())
    for _, operation in operations(document):
        found += [(each["name"], each["schema"]) for each in operation.get("parameters", []) if "name" in each]
    for name, schema in found:
        yield name, schema
        found += [(f"{name}.{field}", each) for field, each in schema.get("properties", {}).items()]
        found += [(f"{name}[]", schema[part]) for part in ("items", "additionalProperties") if schema.get(part)]
        found += [(name, each) for kind in ("anyOf", "oneOf") for each in schema.get(kind, [])]


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
            "format",
            "page",
            "limit",
        )
    }
    assert named["POST /api/v1/test-sessions"] == {("header", "Idempotency-Key")}
    wanted = "search tags host group schedule series status pinned page limit results"
    assert named["GET /api/v1/test-sessions"] == {("query", name) for name in wanted.split()}


def test_operations_have_unique_ids_and_links_lead_to_them(document: Any) -> None:
    named = [operation["operationId"] for _, operation in operations(document)]
    assert len(set(named)) == len(named)
    leading = {
        operation["operationId"]: {link["operationId"] for link in answer["links"].values()}
        for _, operation in operations(document)
        for answer in operation["responses"].values()
        if "links" in answer
    }
    of_sessions = {"submitSession", "listSessions", "readSession", "patchSession", "cancelSession", "importSession"}
    of_sessions |= {"runSchedule"}
    assert leading.keys() == {*of_sessions, "listResults"}
    for led_to in leading.values():
        assert led_to == {"readSession", "cancelSession", "deleteSession", "readTelemetry"} & set(named)
        assert len(led_to) == 4


def test_responses_mark_fields_that_are_always_present(document: Any) -> None:
    schemas = document["components"]["schemas"]
    assert set(schemas["SessionSummary"]["properties"]) - set(schemas["SessionSummary"]["required"]) == {"results"}
    assert set(schemas["Host"]["required"]) == set(schemas["Host"]["properties"])
    assert set(schemas["NewSession"]["required"]) == {"models", "testTypes"}


def test_errors_and_keys_are_described(document: Any, new_app: NewApp) -> None:
    assert document["components"]["schemas"]["Error"]["properties"].keys() == {"status", "message", "details"}
    schemes = document["components"]["securitySchemes"]
    key, bearer = schemes["ApiKey"], schemes["Bearer"]
    assert (key["type"], key["in"], key["name"]) == ("apiKey", "header", "X-API-Key")
    assert (bearer["type"], bearer["scheme"]) == ("http", "bearer")
    needed: list[Any] = [{"ApiKey": []}, {"Bearer": []}]
    assert document["security"] == [*needed, {}]
    assert new_app(api_keys=("key",)).test_client().get("/openapi.json").get_json()["security"] == needed
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
