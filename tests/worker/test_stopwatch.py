from collections.abc import Callable, Iterator
from itertools import count, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.stopwatch import Stopwatch

LIMIT = 1 << 20


def ticking() -> Callable[[], int]:
    """A clock that is one nanosecond further each time it is read."""
    ticks = count()
    return lambda: next(ticks)


def pieces_of(text: bytes, cuts: list[int]) -> Iterator[bytes]:
    edges = [0, *sorted(cut % (len(text) + 1) for cut in cuts), len(text)]
    return (text[start:end] for start, end in pairwise(edges))


def lines(pieces: list[bytes], limit: int = LIMIT) -> list[tuple[int, bytes]]:
    stopwatch = Stopwatch(ticking())
    stopwatch.start()
    return list(stopwatch.lines(pieces, limit))


@given(
    parts=st.lists(st.binary(max_size=20).filter(lambda line: b"\n" not in line)),
    cuts=st.lists(st.integers(0, 1000)),
    ended=st.booleans(),
)
def test_however_the_bytes_are_cut_the_lines_are_the_same(parts: list[bytes], cuts: list[int], *, ended: bool) -> None:
    text = b"\n".join(parts) + b"\n" * ended
    stamped = lines(list(pieces_of(text, cuts)))
    assert [line for _, line in stamped] == [part for part in parts if part.strip()]
    assert [stamp for stamp, _ in stamped] == sorted(stamp for stamp, _ in stamped)


def test_a_line_is_stamped_when_it_is_whole() -> None:
    assert lines([b"a\n", b"b", b"c\nd\n", b"e"]) == [(1, b"a"), (3, b"bc"), (3, b"d"), (5, b"e")]


def test_the_stamp_is_of_the_piece_and_not_of_who_reads_late() -> None:
    now = [100]
    stopwatch = Stopwatch(lambda: now[0])
    stopwatch.start()
    now[0] = 105
    stamped = stopwatch.lines([b"a\nb\n"], LIMIT)
    first = next(stamped)
    now[0] = 999  # the first line is being parsed
    assert [first, next(stamped)] == [(5, b"a"), (5, b"b")]


def test_a_line_without_end_is_not_kept_for_ever() -> None:
    with pytest.raises(ValueError, match="more than 10 bytes"):
        lines([b"x" * 6, b"x" * 6], limit=10)
    assert lines([b"x" * 10, b"\n" + b"y" * 10], limit=10) == [(2, b"x" * 10), (3, b"y" * 10)]
