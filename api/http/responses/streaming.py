"""Files that are sent while they are made, so that their size does not matter."""

import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

from flask import Response, stream_with_context

Item = TypeVar("Item")


def streamed_file(parts: Iterable[str] | Iterable[bytes], content_type: str, name: str) -> Response:
    """Return a response that a browser stores under this name."""
    return Response(
        stream_with_context(yielding(_encoded(parts))),
        content_type=content_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _encoded(parts: Iterable[str] | Iterable[bytes]) -> Iterator[bytes]:
    return (part.encode() if isinstance(part, str) else part for part in parts)


def yielding(items: Iterable[Item]) -> Iterator[Item]:
    """Let other requests run after each item, because the API has one thread and sending rarely waits."""
    for item in items:
        yield item
        time.sleep(0)
