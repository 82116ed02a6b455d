"""JSON is parsed up to a depth, and the depth is counted without what is in strings."""

import json

import pytest

from common.values.bounded_json import MAX_DEPTH, TooDeep, parse_json

LISTS = "[" * MAX_DEPTH + "]" * MAX_DEPTH
WIDE = f"[{','.join(['[{}]'] * 1000)}]"
BRACKETS = "[{" * MAX_DEPTH


@pytest.mark.parametrize(
    "text",
    [
        LISTS,
        LISTS.replace("[]", '["]\\"]"]'),
        WIDE,
        json.dumps([BRACKETS, f'"{BRACKETS}', f'\\"{BRACKETS}\\', {BRACKETS: "☃"}]),
        json.dumps(f"∀{BRACKETS}", ensure_ascii=False),  # in UTF-16 it has the byte of a quotation mark
        f' {{"a": {LISTS[1:-1]}, "b": {LISTS[1:-1]}}} ',
    ],
)
def test_what_is_not_deep_is_parsed(text: str) -> None:
    expected = json.loads(text)
    assert parse_json(text) == expected
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-32"):
        assert parse_json(text.encode(encoding)) == expected


@pytest.mark.parametrize(
    "text",
    [
        f"[{LISTS}]",
        f'{{"a": {LISTS}}}',
        "[" * 1_000_000,
        f'["]]]", {LISTS}]',
        '[{"a":' * MAX_DEPTH,
        f'["\\\\",{LISTS}]',
    ],
)
def test_what_is_too_deep_is_refused(text: str) -> None:
    for written in (text, text.encode(), text.encode("utf-16")):
        with pytest.raises(TooDeep, match="more than 100 levels"):
            parse_json(written)


@pytest.mark.parametrize(
    "text", ["", "]" * 300 + "[" * 300, '"' + BRACKETS, '"\\' + BRACKETS, b"\xff" + BRACKETS.encode()]
)
def test_what_is_not_json_is_not_valid(text: str | bytes) -> None:
    with pytest.raises(ValueError, match=r".") as raised:
        parse_json(text)
    assert not isinstance(raised.value, TooDeep)
