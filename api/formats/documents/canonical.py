"""Canonical JSON: one text for one value, whichever database it was read from.

Names are sorted, there are no blanks, and numbers are the shortest text that reads back as the same number. PostgreSQL
keeps neither the order of names, nor -0.0, nor whether a whole number beyond 10^16 was written with an exponent. So a
document does not either.
"""

import re
from decimal import Decimal
from typing import Any

import orjson

from api.formats.documents.checks.declared_types import MAX_INTEGER, MIN_INTEGER

UNUSUAL = re.compile(rb"\de\+?\d|-0\.0")
"""What only numbers have that databases keep differently; or a text, which the slow way leaves as it is."""
BEYOND_DIGITS = 1e16


def canonical(value: Any) -> bytes:  # noqa: ANN401 - any JSON
    """Return a JSON value in its canonical form, in UTF-8."""
    found = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    return orjson.dumps(_usual(value), option=orjson.OPT_SORT_KEYS) if UNUSUAL.search(found) else found


def _usual(value: Any) -> Any:  # noqa: ANN401 - any JSON
    match value:
        case float() if value == 0:
            return 0.0
        case float() if abs(value) >= BEYOND_DIGITS and MIN_INTEGER <= value <= MAX_INTEGER:
            return int(Decimal(repr(value)))  # the digits that PostgreSQL keeps
        case dict():
            return {key: _usual(item) for key, item in value.items()}
        case list():
            return [_usual(item) for item in value]
    return value
