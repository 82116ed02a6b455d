"""Checks of WebSocket messages by the AsyncAPI document."""

from typing import Any

from openapi_schema_validator import OAS31Validator, oas31_format_checker

from api.web import docs

DOCUMENT: dict[str, Any] = docs.ASYNCAPI
SCHEMAS = DOCUMENT["components"]["schemas"]


def check(kind: str, message: dict[str, Any]) -> None:
    """Raise ValidationError if a `Progress` or a `Reading` is not as described, or has a field that is not."""
    schema = {"$ref": f"#/components/schemas/{kind}", "components": DOCUMENT["components"]}
    OAS31Validator(schema, format_checker=oas31_format_checker).validate(message)
    assert message.keys() <= SCHEMAS[kind]["properties"].keys(), message
