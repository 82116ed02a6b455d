"""What a refused submission says, in one text for people."""

from collections.abc import Iterator
from typing import Any

from werkzeug.exceptions import HTTPException


def sentence(error: HTTPException) -> str:
    """Return the message of an error of api/http/responses/errors.py, with the problems by field."""
    data = getattr(error, "data", None) or {}
    message = str(data.get("message") or error.description)
    problems = "; ".join(listed(data.get("details") or {}))
    return f"{message} {problems}" if problems else message


def listed(details: Any, place: str = "") -> Iterator[str]:  # noqa: ANN401 - problems are nested to any depth
    """Yield nested problems as `options.decode.outputTokens: must be a number`."""
    if isinstance(details, dict):
        for field, inner in details.items():
            yield from listed(inner, f"{place}.{field}" if place else str(field))
    else:
        texts = details if isinstance(details, list) else [details]
        yield from (f"{place}: {text}" for text in texts)
