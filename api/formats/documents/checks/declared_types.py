"""Checks of JSON against declared types: TypedDict, list, dict, Literal, unions and plain types.

The types of common/records describe JSON as it is stored, so a document is checked against the same declarations that
its readers were written for. A check is compiled once per type, because a session has millions of values.
"""

from collections.abc import Callable, Sequence
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints, is_typeddict

from common.values.storable import storable_text

Check = Callable[[Any], None]
Lenient = frozenset[tuple[type, str]]
"""Types, each with a field that may be missing although the type requires it."""

MIN_INTEGER, MAX_INTEGER = -(2**63), 2**64 - 1
"""Larger whole numbers lose digits when they are read."""
NAMES = {str: "text", bool: "true or false", int: "a whole number", float: "a number", NoneType: "null"}
WORDS: dict[type, str] = {**NAMES, dict: "an object", list: "a list"}


class Fault(ValueError):
    """A value that is not as declared. `path` leads to it, such as `runs[3].record.window`."""

    def __init__(self, problem: str, path: str = "") -> None:
        super().__init__(problem)
        self.problem, self.path = problem, path

    def within(self, part: str) -> "Fault":
        """Return the fault as seen from a level above."""
        dot = "." if part and self.path and not self.path.startswith("[") else ""
        return Fault(self.problem, f"{part}{dot}{self.path}")


@cache
def check_of(declared: Any, closed: frozenset[type] = frozenset(), lenient: Lenient = frozenset()) -> Check:  # noqa: ANN401 - any type
    """Return a function that raises Fault for a value that is not of the declared type.

    TypedDicts may have further fields, which are kept, unless they are among the `closed`. The `lenient` fields of a
    type may be missing, as in data of earlier releases.
    """
    return _Compiler(closed, lenient).check(declared)


def required(declared: type, lenient: Lenient) -> frozenset[str]:
    """Return the fields that JSON of a TypedDict must have."""
    keys: frozenset[str] = getattr(declared, "__required_keys__")  # noqa: B009 - unknown to mypy
    return frozenset(name for name in keys if (declared, name) not in lenient)


class _Compiler:
    def __init__(self, closed: frozenset[type], lenient: Lenient) -> None:
        self._closed, self._lenient = closed, lenient
        self._known: dict[Any, Check] = {}

    def check(self, declared: Any) -> Check:  # noqa: ANN401, PLR0911 - any type, and one return for each kind
        if declared is Any:
            return _any
        if is_typeddict(declared):
            return self._object(declared)
        origin, arguments = get_origin(declared), get_args(declared)
        if origin in (Union, UnionType):
            return _union([(_kind(each), self.check(each)) for each in arguments])
        if origin is Literal:
            return _literal(arguments)
        if origin in (list, Sequence):
            return _list(arguments[0], self.check(arguments[0]))
        if origin is dict:
            return _dict(self.check(arguments[1]))
        return _PLAIN[declared]

    def _object(self, declared: type) -> Check:
        """Return the check of a TypedDict, which may refer to itself."""
        if declared not in self._known:
            fields: dict[str, Check] = {}
            needed = required(declared, self._lenient)
            self._known[declared] = _object(fields, needed, closed=declared in self._closed)
            fields |= {name: self.check(hint) for name, hint in get_type_hints(declared).items()}
        return self._known[declared]


def _kind(declared: Any) -> tuple[type, ...]:  # noqa: ANN401 - any type
    """Return the Python types that JSON of a declared type is read as."""
    if declared is float:
        return (float, int)
    if declared is int:
        return (int, float)
    if is_typeddict(declared) or get_origin(declared) is dict:
        return (dict,)
    if get_origin(declared) is Literal:
        return tuple({type(each) for each in get_args(declared)})
    return (list,) if get_origin(declared) in (list, Sequence) else (declared,)


def _any(value: Any) -> None:  # noqa: ANN401 - any JSON
    """Check what every database can store."""
    match value:
        case str():
            _text(value)
        case bool():
            return
        case int():
            _whole(value)
        case dict():
            for key, item in value.items():
                _text(key)
                _within(str(key), _any, item)
        case list():
            for index, item in enumerate(value):
                _within(f"[{index}]", _any, item)


def _text(value: Any) -> None:  # noqa: ANN401 - any JSON
    if type(value) is not str:
        raise Fault(f"must be {NAMES[str]}")
    if not (value.isascii() and "\0" not in value) and storable_text(value) != value:
        raise Fault("has a character that databases cannot store: U+0000 or half a surrogate")


def _whole(value: Any) -> None:  # noqa: ANN401 - any JSON
    if type(value) is int:
        if not MIN_INTEGER <= value <= MAX_INTEGER:
            raise Fault("is a whole number of more than 64 bits")
    elif type(value) is not float or not value.is_integer():
        raise Fault(f"must be {NAMES[int]}")


def _number(value: Any) -> None:  # noqa: ANN401 - any JSON
    if type(value) is int:
        _whole(value)
    elif type(value) is not float:
        raise Fault(f"must be {NAMES[float]}")


def _exactly(kind: type) -> Check:
    def check(value: Any) -> None:  # noqa: ANN401 - any JSON
        if type(value) is not kind:
            raise Fault(f"must be {NAMES[kind]}")

    return check


_PLAIN: dict[Any, Check] = {
    str: _text,
    int: _whole,
    float: _number,
    bool: _exactly(bool),
    NoneType: _exactly(NoneType),
}


def _literal(allowed: tuple[Any, ...]) -> Check:
    def check(value: Any) -> None:  # noqa: ANN401 - any JSON
        if type(value) not in (str, int) or value not in allowed:
            raise Fault(f"must be {' or '.join(map(str, allowed))}")

    return check


def _union(alternatives: list[tuple[tuple[type, ...], Check]]) -> Check:
    by_type = {kind: check for kinds, check in alternatives for kind in kinds}
    by_type |= {kinds[0]: check for kinds, check in alternatives}  # a float of int | float need not be whole
    words = " or ".join(dict.fromkeys(_word(kinds) for kinds, _ in alternatives))

    def check(value: Any) -> None:  # noqa: ANN401 - any JSON
        found = by_type.get(type(value))
        if found is None:
            raise Fault(f"must be {words}")
        found(value)

    return check


def _word(kinds: tuple[type, ...]) -> str:
    return WORDS.get(kinds[0], "text")


def _list(item: Any, check: Check) -> Check:  # noqa: ANN401 - any type
    plain = item if item in (int, float) else None

    def check_list(value: Any) -> None:  # noqa: ANN401 - any JSON
        if type(value) is not list:
            raise Fault("must be a list")
        if plain and all(type(each) is plain for each in value) and all(-MAX_FAST < each < MAX_FAST for each in value):
            return  # thousands of times of one request
        for index, each in enumerate(value):
            _within(f"[{index}]", check, each)

    return check_list


MAX_FAST = 2**53
"""Whole numbers below it need no further check."""


def _dict(check: Check) -> Check:
    def check_dict(value: Any) -> None:  # noqa: ANN401 - any JSON
        if type(value) is not dict:
            raise Fault("must be an object")
        for key, each in value.items():
            _text(key)
            _within(key, check, each)

    return check_dict


def _object(fields: dict[str, Check], required: frozenset[str], *, closed: bool) -> Check:
    def check(value: Any) -> None:  # noqa: ANN401 - any JSON
        if type(value) is not dict:
            raise Fault("must be an object")
        if missing := required - value.keys():
            raise Fault("is missing", min(missing))
        for name, each in value.items():
            known = fields.get(name)
            if known is None and closed:
                raise Fault(f"is unknown. Known are {', '.join(fields)}", name)
            _within(name, known or _any, each)

    return check


def _within(part: str, check: Check, value: Any) -> None:  # noqa: ANN401 - any JSON
    try:
        check(value)
    except Fault as fault:
        raise fault.within(part) from None
