"""Examples of requests and answers, from the files of `examples/`, which are named by operations.

A file has a `request` if the operation has a body, an `answer` by media type, and messages of `failures` by status.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

from common.values.free_json import Json

FOLDER = Path(__file__).with_name("examples")


def request(operation: str) -> Any:  # noqa: ANN401 - any JSON
    """Return the body of a request, or None if there is no example."""
    return _examples(operation).get("request")


def answer(operation: str, media_type: str) -> Any:  # noqa: ANN401 - any JSON
    """Return the body of an answer, or None if there is no example."""
    return _examples(operation).get("answer", {}).get(media_type)


def failure(operation: str, status: int) -> str | None:
    """Return the message of an error, or None if there is no example."""
    found: str | None = _examples(operation).get("failures", {}).get(str(int(status)))
    return found


@cache
def _examples(operation: str) -> Json:
    file = FOLDER / f"{operation}.json"
    found: Json = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return found
