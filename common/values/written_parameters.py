"""Lists and objects as clients write them into one parameter of a URL."""

import ast
from contextlib import suppress

from common.values.bounded_json import parse_json


def written_value(text: str) -> object:
    """Return the value of JSON, or of what Python's `str` makes of a list or a dict, otherwise None.

    `urllib.parse.urlencode` and httpx send the second for values that are lists or objects.
    """
    with suppress(ValueError):
        return parse_json(text)
    if text.strip()[:1] not in ("[", "{"):
        return None
    try:
        return ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError):  # the last two if it is nested deeply
        return None
