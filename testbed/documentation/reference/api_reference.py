"""The reference of the API, from its OpenAPI document."""

import json
from collections.abc import Iterator
from functools import cache
from http import HTTPStatus
from typing import Any, cast

from testbed import openapi_document
from testbed.documentation.reference.markdown import code, one_line, table

METHODS = ("get", "post", "patch", "put", "delete")
MAX_NAMES = 8
"""Longer lists of names are hard to read in a table."""
Node = dict[str, Any]


def routes() -> str:
    """Return a row for each operation, with a link to its section."""
    head = ("route", "result")
    return table(
        head, [(f"[`{_title(*each)}`](#{_anchor(*each)})", one_line(each[2]["summary"])) for each in _operations()]
    )


def operations() -> str:
    """Return a section for each operation, by subject."""
    subjects: dict[str, list[str]] = {}
    for method, path, operation in _operations():
        subjects.setdefault(operation["tags"][0], []).append(_section(method, path, operation))
    described = {each["name"]: each["description"] for each in document()["tags"]}
    return "\n\n".join(
        f"## {described[tag].rstrip('.')}\n\n" + "\n\n".join(sections) for tag, sections in subjects.items()
    )


def errors() -> str:
    """Return what each status of an error means."""
    meanings = {
        status: one_line(_resolved(answer)["description"])
        for _, _, operation in _operations()
        for status, answer in operation["responses"].items()
        if _is_error(status)
    }
    return table(("status", "meaning"), sorted(meanings.items()))


def _is_error(status: str) -> bool:
    return int(status) >= HTTPStatus.BAD_REQUEST


@cache
def document() -> Node:
    """Return the OpenAPI document."""
    return cast("Node", json.loads(openapi_document.document()))


def _operations() -> Iterator[tuple[str, str, Node]]:
    for path, item in document()["paths"].items():
        for method in METHODS:
            if method in item:
                shared = item.get("parameters", [])
                yield method, path, item[method] | {"parameters": shared + item[method].get("parameters", [])}


def _title(method: str, path: str, _: Node) -> str:
    return f"{method.upper()} {path.removeprefix('/api/v1')}"


def _anchor(method: str, path: str, operation: Node) -> str:
    """Return the anchor that GitHub and the site give to the heading."""
    kept = [letter for letter in _title(method, path, operation).lower() if letter.isalnum() or letter in "- _"]
    return "".join(kept).replace(" ", "-")


def _section(method: str, path: str, operation: Node) -> str:
    parts = [
        f"### `{_title(method, path, operation)}`",
        f"{operation['summary']} {one_line(operation.get('description', ''))}".strip(),
        *_parameters(operation["parameters"]),
        *_body(operation),
        *_answers(operation),
    ]
    return "\n\n".join(parts)


def _parameters(parameters: list[Node]) -> Iterator[str]:
    if parameters:
        rows = [
            (
                code(each["name"]),
                each["in"],
                _type(each["schema"]),
                _default(each),
                one_line(each.get("description", "")),
            )
            for each in map(_resolved, parameters)
        ]
        yield table(("parameter", "in", "type", "default", "meaning"), rows)


def _default(parameter: Node) -> str:
    default = parameter["schema"].get("default")
    return "" if default in (None, []) else code(json.dumps(default).strip('"'))


def _body(operation: Node) -> Iterator[str]:
    for content in operation.get("requestBody", {}).get("content", {}).values():
        yield "The body has these fields:"
        yield _fields(content["schema"], "required")
        if "example" in content:
            yield f"```json\n{json.dumps(content['example'], ensure_ascii=False)}\n```"


def _answers(operation: Node) -> Iterator[str]:
    for status, answer in operation["responses"].items():
        if not _is_error(status):
            kinds = ", ".join(code(kind) for kind in answer.get("content", {}))
            yield f"**{status}** {f'({kinds}) ' if kinds else ''}{one_line(answer['description'])}"
            schema = answer.get("content", {}).get("application/json", {}).get("schema")
            if schema and (fields := _fields(schema)):
                yield fields
    yield f"Errors: {', '.join(sorted(filter(_is_error, operation['responses'])))}."


def _fields(schema: Node, required: str = "always") -> str:
    """Return the fields of an object, or of the objects in a list. The text is empty if it has none."""
    rows = list(_rows(_items(schema) or _resolved(schema)))
    return table(("field", "type", required, "meaning"), rows) if rows else ""


def _rows(found: Node, prefix: str = "") -> Iterator[tuple[str, ...]]:
    """Yield a row for each field. The fields of objects in lists follow the list."""
    for name, field in found.get("properties", {}).items():
        required = "yes" if name in found.get("required", []) else ""
        items = _items(field) or {}
        described = (each.get("description", "") for each in (field, _resolved(field), items))
        yield code(prefix + name), _type(field), required, one_line(next(filter(None, described), ""))
        if not prefix:
            yield from _rows(items, f"{name}[].")


def _items(schema: Node) -> Node | None:
    """Return what a list holds, or None if the schema is not of a list."""
    found = _resolved(schema)
    return _resolved(found["items"]) if found.get("type") == "array" and "items" in found else None


def _type(schema: Node) -> str:
    found = _resolved(schema)
    if names := found.get("enum"):
        return " or ".join(code(str(name)) for name in names) if len(names) <= MAX_NAMES else "a name"
    if alternatives := found.get("anyOf") or found.get("oneOf"):
        return " or ".join(dict.fromkeys(map(_type, alternatives)))
    kinds = found.get("type", "object")
    return " or ".join(_kind_of(found, kind) for kind in ([kinds] if isinstance(kinds, str) else kinds))


def _kind_of(found: Node, kind: str) -> str:
    return f"list of {_type(found['items'])}" if kind == "array" and "items" in found else kind


def _resolved(schema: Node) -> Node:
    while "$ref" in schema:
        at: Any = document()
        for name in schema["$ref"].removeprefix("#/").split("/"):
            at = at[name]
        schema = at
    return schema
