"""The parameters of a URL, in the spellings of many clients.

axios, jQuery, qs, PHP, Rails, Spring and generated clients write lists and objects differently. `canonical` gives all
spellings the names of the schema's fields, so that the schema is the only description of the parameters.
"""

import re
from collections.abc import Iterator, Mapping
from urllib.parse import unquote_to_bytes

from marshmallow import Schema, ValidationError
from marshmallow.fields import Field, List
from werkzeug.datastructures import MultiDict

from common.values.written_parameters import written_value

INDEX = re.compile(r"\[\d*\]$|\.\d+$")
"""The end of the name of a list's item: `tags[]`, `tags[0]`, `tags.0`."""
MEMBER = re.compile(r"\.(\w+)$")
"""The end of the name of an object's member: `dateRange.start`, which is `dateRange[start]`."""
CACHE_BUSTER = "_"
"""jQuery and others add this parameter, so that no cache answers."""

Fields = Mapping[str, Field]  # type: ignore[type-arg] # any field


def check_encoding(query: bytes) -> None:
    """Refuse parameters that are not UTF-8, because their text would be another one.

    Raises:
        ValidationError: with each of them by its name.
    """
    parts = [unquote_to_bytes(part) for part in query.split(b"&")]
    wrong = [part.partition(b"=")[0].decode("utf-8", "replace") for part in parts if not _is_utf8(part)]
    if wrong:
        raise ValidationError({name: ["must be encoded as UTF-8"] for name in wrong})


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def canonical(args: "MultiDict[str, str]", schema: Schema) -> "MultiDict[str, str]":
    """Return the parameters by the names of the schema's fields, without empty ones. Unknown ones keep their names.

    Raises:
        ValidationError: if an object cannot be read, or if a single value is given more than once.
    """
    fields = {field.data_key or name: field for name, field in schema.load_fields.items()}
    found = MultiDict(
        (name, value)
        for written, values in _without_indices(args, fields).lists()
        for name, value in _read(written, values, fields)
        if value.strip()
    )
    _check_single(found, fields)
    return found


def _without_indices(args: "MultiDict[str, str]", fields: Fields) -> "MultiDict[str, str]":
    plain: MultiDict[str, str] = MultiDict()
    for written, value in args.items(multi=True):
        name = INDEX.sub("", written)
        is_list = isinstance(fields.get(name), List) or _members(name, fields)
        plain.add(name if is_list else written, value)
    plain.poplist(CACHE_BUSTER)
    return plain


def _read(written: str, values: list[str], fields: Fields) -> Iterator[tuple[str, str]]:
    """Yield the names and values of what was written under one name."""
    members = _members(written, fields)
    if written not in fields and members:
        yield from _object(written, ",".join(values), members)
        return
    name = MEMBER.sub(r"[\1]", written)
    alone = [known for known in fields if known.endswith(f"[{written}]")]  # how OpenAPI spells objects by default
    known = next((each for each in (written, name, *alone) if each in fields), written)
    yield from ((known, value) for value in values)


def _members(name: str, fields: Fields) -> list[str]:
    """Return the fields that are members of this object, such as `dateRange[start]` of `dateRange`."""
    return [known for known in fields if known.startswith(f"{name}[")]


def _object(name: str, text: str, members: list[str]) -> Iterator[tuple[str, str]]:
    """Yield the members of an object, of a list `start,A,end,B`, or of its values `A,B` or `A/B`."""
    given = _parsed(text)
    if isinstance(given, list) and f"{name}[{given[0]}]" in members:
        given = dict(zip(given[::2], given[1::2], strict=False))
    if isinstance(given, dict):
        yield from ((f"{name}[{key}]", "" if value is None else str(value)) for key, value in given.items())
    elif len(given) == len(members):
        yield from zip(members, given, strict=True)
    elif text.strip():
        keys = ", ".join(f'"{member.removeprefix(name)[1:-1]}": …' for member in members)
        raise ValidationError({name: [f"must be {{{keys}}} as JSON, or be given as {' and '.join(members)}"]})


def _parsed(text: str) -> dict[str, object] | list[str]:
    found = written_value(text)
    if isinstance(found, dict):
        return found
    if isinstance(found, list) and found:
        return ["" if value is None else str(value) for value in found]
    return [part.strip() for part in text.split("," if "," in text else "/")]


def _check_single(found: "MultiDict[str, str]", fields: Fields) -> None:
    single = {name for name, field in fields.items() if not isinstance(field, List)}
    problems = {
        name: ["is given more than once, with different values"]
        for name, values in found.lists()
        if name in single and len(set(values)) > 1
    }
    if problems:
        raise ValidationError(problems)
