"""Text fields: the allowed characters of names, and lists of words in a query."""

from collections.abc import Callable
from typing import Any

from marshmallow import ValidationError, fields, validate

from common.values.storable import is_one_line
from common.values.written_parameters import written_value

CONTROL = "\\u0000-\\u001f\\u007f-\\u009f"
CLEAN = f"^[^{CONTROL}]*$"
"""A pattern of the text that `clean` allows, without surrogates, which OpenAPI patterns cannot express."""

LENGTH = "must have {min} to {max} characters"
MAX_TAGS = 20
LINES = ("\t", "\n", "\r")
"""Control characters of a text of several lines."""


def clean(text: str) -> None:
    """Refuse control characters and surrogates, which databases cannot store."""
    if not is_one_line(text):
        raise ValidationError("must not contain control characters")


def clean_lines(text: str) -> None:
    """Refuse what `clean` refuses, except tabs and line breaks."""
    clean("".join(character for character in text if character not in LINES))


def checked_by(check: Callable[[str], None]) -> Callable[[str], None]:
    """Return a validator that refuses what `check` raises a ValueError for, with its message."""

    def validator(value: str) -> None:
        try:
            check(value)
        except ValueError as error:
            raise ValidationError(str(error)) from error

    return validator


def no_comma(tag: str) -> None:
    if "," in tag:
        raise ValidationError("must not contain a comma, because commas separate tags in a search")


def own_tags(**options: Any) -> fields.List[str]:  # noqa: ANN401 - as in marshmallow
    """Return a field for the tags of the user."""
    tag = fields.String(
        validate=[validate.Length(1, 64, error=LENGTH), clean, no_comma], metadata={"pattern": f"^[^,{CONTROL}]*$"}
    )
    return fields.List(tag, validate=validate.Length(max=MAX_TAGS, error="at most {max} tags"), **options)


def text(max_length: int, *checks: Callable[[str], None], **options: Any) -> fields.String:  # noqa: ANN401 - as in marshmallow
    """Return a field of 1 to `max_length` characters that pass `checks`, which are validators of marshmallow."""
    metadata = {"pattern": CLEAN, **options.pop("metadata", {})}
    validators: list[Callable[[str], object]] = [validate.Length(1, max_length, error=LENGTH), clean, *checks]
    return fields.String(validate=validators, metadata=metadata, **options)


class Words(fields.List[str]):
    """Words in a query, repeated, separated by commas, or as a JSON list."""

    def _deserialize(self, value: list[str], *others: Any, **options: Any) -> list[str | None]:  # noqa: ANN401 - as in marshmallow
        words = [word.strip() for given in value for word in _words(given)]
        return super()._deserialize([word for word in words if word], *others, **options)


def _words(text: str) -> list[str]:
    found = written_value(text)
    if isinstance(found, list) and all(isinstance(word, str) for word in found):
        return found
    return text.split(",")
