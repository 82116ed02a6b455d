"""Checks of the texts of a document: as long as their columns allow, and names without control characters."""

from collections.abc import Mapping
from typing import Any

from api.formats.documents.checks.declared_types import Fault
from common.store.tables import Session, Test
from common.values.storable import is_one_line

MAX_TAG = MAX_NAME = 255
COLUMNS = {"session": Session, "test": Test}
OF_COLUMN = {"testType": "test_type", "ollamaVersion": "ollama_version"}
FREE = ("message", "note")
"""Texts of several lines."""


def check_texts(part: str, values: Mapping[str, Any]) -> None:
    """Check the texts of the session or of a test.

    Raises:
        Fault: if one is too long, empty or has control characters.
    """
    for name, value in values.items():
        column = getattr(COLUMNS[part], OF_COLUMN.get(name, name), None)
        if isinstance(value, str) and column is not None and name not in FREE:
            _check(value, name, getattr(column, "max_length", None) or MAX_NAME)
    for name in ("tags", "testTypes"):
        for index, text in enumerate(values.get(name, ())):
            _check(text, f"{name}[{index}]", MAX_TAG)
    for index, model in enumerate(values.get("models", ())):
        texts = {"name": model["name"], "version": model["version"], "digest": model["digest"] or "-"}
        for name, text in (texts | {f"tags[{each}]": tag for each, tag in enumerate(model["tags"])}).items():
            _check(text, f"models[{index}].{name}", MAX_NAME)


def _check(text: str, path: str, longest: int) -> None:
    if not 1 <= len(text) <= longest:
        raise Fault(f"must have 1 to {longest} characters", path)
    if not is_one_line(text):
        raise Fault("must not contain control characters", path)
