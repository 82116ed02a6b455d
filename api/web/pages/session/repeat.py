"""What is needed to run a session again: the machine, the model digests and the request."""

import json
import shlex
from collections.abc import Iterator, Mapping

from flask import url_for

from api.conclusions.comparisons.repeated_sessions import RepeatedSessions, repeated
from api.http.access.auth import HEADER
from api.http.settings import settings
from api.web.pages.layout import resource
from api.web.pages.presentation.formatting import spaced, text
from common.catalogue.verdicts.evidence import value_text
from common.store.tables import Session
from common.values.free_json import Json

UNITS = {"frequency": "MHz", "memory": "bytes", "total": "bytes", "size": "file bytes"}
PARTS = (
    ("cpu", "Processor"),
    ("gpu", "GPU"),
    ("ram", "RAM"),
    ("storage", "The models' disk"),
    ("os", "System"),
    ("bios", "Firmware"),
    ("limits", "Limits"),
)


def request_body(session: Session) -> Json:
    """Return the body of `POST /test-sessions` that runs the same session again, with every option as it was."""
    options = {test.test_type: {k: v for k, v in test.options.items() if v is not None} for test in session.tests}
    asked = {
        "models": [model["name"] for model in session.models],
        "testTypes": session.test_types,
        "host": session.host,
        "order": session.order,
        "effort": session.effort,
        "options": options,
        "name": session.name,
        "tags": session.tags,
    }
    return {name: value for name, value in asked.items() if value}


@resource.app_template_global()
def options_of(session: Session) -> Mapping[str, str]:
    """Return the options of each test type as text."""
    of_types: dict[str, Json] = {test.test_type: test.options for test in session.tests}
    return {
        name: "; ".join(f"{option} {_given(value)}" for option, value in found.items())
        for name, found in of_types.items()
    }


@resource.app_template_global()
def repeats_of(session: Session) -> RepeatedSessions:
    """Return what the sessions that were submitted together with this one show."""
    return repeated(session)


def _given(value: object) -> str:
    return "automatic" if value is None else value_text(value)


@resource.app_template_global()
def curl_of(session: Session) -> str:
    """Return the command that submits the session again. It takes the key from the environment."""
    return example_of("test-sessions", request_body(session))


@resource.app_template_global()
def example_of(path: str, body: Json | None = None) -> str:
    """Return a curl command for `/api/v1/PATH`, a POST if there is a body. The option --json would need curl 7.82."""
    address = f"{url_for('sessions.create', _external=True).removesuffix('test-sessions')}{path}"
    needs_key = bool(settings().api_keys or settings().read_only_keys)
    asked = f'curl -s {address} -H "{HEADER}: $GAIT_KEY"' if needs_key else f"curl -s {address}"
    if body is None:
        return asked
    quoted = shlex.quote(json.dumps(body, ensure_ascii=False))
    return f"{asked} -H 'Content-Type: application/json' \\\n  -d {quoted}"


@resource.app_template_global()
def machine_of(session: Session) -> list[tuple[str, str]]:
    """Return each part of the session's machine with its known properties as text. The list is empty if none is."""
    return list(machine(session.hardware.inventory)) if session.hardware else []


def machine(inventory: Json) -> Iterator[tuple[str, str]]:
    """Yield each part of a machine with its known properties as text."""
    for name, title in PARTS:
        part = inventory.get(name)
        for each in part if isinstance(part, list) else [part or {}]:
            yield title, ", ".join(_described(each)) or "–"
        if part == []:
            yield title, "none found"


def _described(part: Json) -> Iterator[str]:
    for name, value in part.items():
        if value is None or value == []:
            continue
        if name in UNITS:
            yield text(value, UNITS[name])
        elif name in {"model", "name", "vendor", "type"}:
            yield str(value)
        elif name == "instances":
            yield f"{len(value)} instances"
        else:
            yield f"{value:g} {spaced(name)}" if isinstance(value, int | float) else f"{spaced(name)} {value}"
