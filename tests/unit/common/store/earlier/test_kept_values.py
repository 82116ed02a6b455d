"""Memory of completed tests: what was just asked for stays, whatever the limit."""

from collections.abc import Sequence

from common.store.earlier.kept_values import Kept


def test_what_was_just_asked_for_is_not_read_again() -> None:
    kept: Kept[str, str] = Kept(3)
    reads: list[str] = []

    def read(keys: Sequence[str]) -> list[tuple[str, str]]:
        reads.append("".join(sorted(keys)))
        return [(key, key.upper()) for key in keys]

    for keys in ("ab", "ab", "abcd", "abcd", "bcde", "bcde", "a"):
        assert kept.of(keys, read) == {key: key.upper() for key in keys}
    assert reads == ["ab", "cd", "e", "a"]
