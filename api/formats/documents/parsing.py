"""Parsing of the parts of a document: strict, so that what is stored is what was written."""

from math import isfinite
from typing import Any, NoReturn

from api.formats.documents.checks.declared_types import Fault
from common.values.bounded_json import parse_json

MAX_DIGITS = 20
"""More digits than any whole number of 64 bits. Python would read thousands, slowly."""


def parsed(text: bytes, path: str) -> Any:  # noqa: ANN401 - any JSON
    """Return the value of JSON text.

    Raises:
        Fault: if it is not valid JSON, has a name twice, or a number that is not finite.
    """
    try:
        return parse_json(
            text.decode(), object_pairs_hook=_unique, parse_constant=_refuse, parse_float=_finite, parse_int=_whole
        )
    except Fault as fault:
        raise fault.within(path) from None
    except ValueError as error:  # also text that is not UTF-8
        raise Fault(f"is not valid JSON: {error}", path) from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise Fault("is given more than once", next(name for name in names if names.count(name) > 1))
    return found


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a number")


def _finite(text: str) -> float:
    if not isfinite(value := float(text)):
        raise ValueError(f"{text[:MAX_DIGITS]} is too large for a number")
    return value


def _whole(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise ValueError(f"{text[:MAX_DIGITS]}… is a whole number of more than 64 bits")
    return int(text)
