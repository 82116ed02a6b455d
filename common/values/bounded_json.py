"""JSON that others wrote, parsed only if its depth is bounded."""

import json
import re
from itertools import accumulate
from typing import Any

MAX_DEPTH = 100
"""Deepest nesting of arrays and objects that is parsed. Nothing that Gait reads has ten levels.

Each level takes a level of the interpreter's stack, and at its end Python's parser raises RecursionError.
The garbage collector may run there too. A finaliser then has no stack left, and what it had to close stays open.
"""
BETWEEN_BRACKETS = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[^\[\]{}"]++', re.DOTALL)
"""Text without brackets, and strings, which may contain some. The time is linear in the length of any text."""
STEPS = {"[": 1, "{": 1, "]": -1, "}": -1}


class TooDeep(ValueError):
    """JSON with more than MAX_DEPTH levels."""

    def __init__(self) -> None:
        super().__init__(f"it is nested more than {MAX_DEPTH} levels deep")


def parse_json(text: bytes | str, **hooks: Any) -> Any:  # noqa: ANN401 - any JSON, and the hooks of json.loads
    """Return the value of the JSON.

    Raises:
        TooDeep: if it has more than MAX_DEPTH levels.
        ValueError: if it is not valid JSON.
    """
    if _count_openings(text) > MAX_DEPTH and _depth(text) > MAX_DEPTH:
        raise TooDeep
    return json.loads(text, **hooks)


def _count_openings(text: bytes | str) -> int:
    """Return the largest depth that the text can have, in little time. In any encoding a bracket has its byte."""
    if isinstance(text, str):
        return text.count("[") + text.count("{")
    return text.count(b"[") + text.count(b"{")


def _depth(text: bytes | str) -> int:
    decoded = text if isinstance(text, str) else text.decode(json.detect_encoding(text), "surrogatepass")
    brackets = BETWEEN_BRACKETS.sub("", decoded)
    return max(accumulate(STEPS[bracket] for bracket in brackets), default=0)
