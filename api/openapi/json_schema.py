"""JSON Schema from marshmallow's schemas, where OpenAPI 3.1 or clients expect something else than apispec gives."""

import inspect
from typing import Any

from apispec.ext.marshmallow.openapi import OpenAPIConverter
from marshmallow import Schema
from marshmallow.fields import Field

from common.values.free_json import Json


class Converter(OpenAPIConverter):
    """apispec's converter, with descriptions from docstrings, and without what only looks like a value."""

    def schema2jsonschema(self, schema: Schema) -> Json:
        """Return the JSON Schema with the docstring of the class as its description."""
        found: Json = super().schema2jsonschema(schema)  # type: ignore[no-untyped-call] # apispec's
        for field in found["properties"].values():
            field.pop("default", None)  # openapi-typescript would demand the field of clients
        written = type(schema).__doc__
        return {"description": inspect.cleandoc(written), **found} if written else found

    def field2property(self, field: Field) -> Json:  # type: ignore[type-arg] # any field
        """Return the property. An object without known fields may have any, which generators would take for none."""
        found: Json = super().field2property(field)
        is_open = "object" in (found.get("type") or ()) and "properties" not in found
        return {"additionalProperties": {}, **found} if is_open else found

    def _field2parameter(self, field: Field, *, name: str, location: str) -> Json:  # type: ignore[type-arg] # any field
        """Return the parameter. It cannot be null, only absent, as one in a URL without a value is."""
        found: Json = super()._field2parameter(field, name=name, location=location)
        kind = found["schema"].get("type")
        if isinstance(kind, list):
            [found["schema"]["type"]] = [each for each in kind if each != "null"]
        is_list = found["schema"].get("type") == "array"  # without a value, it is empty
        return {**found, "allowEmptyValue": True} if location == "query" and not is_list else found

    def field2default(self, field: Field, **others: Any) -> Json:  # type: ignore[type-arg] # noqa: ANN401 - passed on
        """Return the default value, unless it is None, which clients may not send."""
        found: Json = super().field2default(field, **others)
        return found if found.get("default") is not None else {}

    def metadata2properties(self, field: Field, **others: Any) -> Json:  # type: ignore[type-arg] # noqa: ANN401 - passed on
        """Return the metadata, with `example` as the list that JSON Schema has."""
        found: Json = super().metadata2properties(field, **others)
        if "example" in found:
            found["examples"] = [found.pop("example")]
        return found
