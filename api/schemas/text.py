"""Fields of text: what may stand in a name, and lists that a query may give in two ways."""

import unicodedata
from typing import Any

from marshmallow import ValidationError, fields, validate

CONTROL = "\\u0000-\\u001f\\u007f-\\u009f"
CLEAN = f"^[^{CONTROL}]*$"
"""What `clean` lets pass, as OpenAPI can say it: halves of a surrogate pair have no place in its patterns."""

LENGTH = "must have {min} to {max} characters"


def clean(text: str) -> None:
    """Refuse what no person types and no database keeps: control characters and half a surrogate pair."""
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in text):
        raise ValidationError("must hold no control characters")


def text(longest: int, **options: Any) -> fields.String:  # noqa: ANN401 - as marshmallow has it
    """A field of 1 to `longest` characters."""
    metadata = {"pattern": CLEAN, **options.pop("metadata", {})}
    return fields.String(validate=[validate.Length(1, longest, error=LENGTH), clean], metadata=metadata, **options)


class Words(fields.List[str]):
    """In a query: words by comma, by repetition, or both."""

    def _deserialize(self, value: list[str], *others: Any, **options: Any) -> list[str | None]:  # noqa: ANN401 - as marshmallow has it
        words = [word.strip() for given in value for word in given.split(",")]
        return super()._deserialize([word for word in words if word], *others, **options)
