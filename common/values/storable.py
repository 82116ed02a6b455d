"""Text and JSON that every database can store.

PostgreSQL stores no U+0000, no encoding has half a surrogate, and JSON has no NaN and no infinity.
"""

import math
import unicodedata
from typing import Any

UNKNOWN_CHARACTER = "\ufffd"


def storable_text(text: str) -> str:
    """Return the text with U+FFFD in place of each U+0000 and each half of a surrogate.

    Two halves that follow each other become their character. They arrive apart if an answer was cut between them.
    """
    if not text.isascii():
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text.replace("\0", UNKNOWN_CHARACTER)


def is_one_line(text: str) -> bool:
    """Return whether the text has no control characters and no halves of surrogates."""
    return not any(unicodedata.category(character) in ("Cc", "Cs") for character in text)


def storable(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return the JSON value with storable texts, and None for a number that is not finite."""
    match value:
        case str():
            return storable_text(value)
        case float():
            return value if math.isfinite(value) else None
        case dict():
            return {storable(key): storable(item) for key, item in value.items()}
        case list() | tuple():
            return [storable(item) for item in value]
    return value
