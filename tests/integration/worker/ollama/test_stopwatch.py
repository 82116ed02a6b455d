import json
import sys
import time
from collections.abc import Iterator
from itertools import count, pairwise

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from common.environment.timeouts import TimeLimits
from common.ollama.client import Ollama
from testbed.ollama_double import OllamaDouble
from worker.ollama.client import Driver, Request
from worker.ollama.timing import stopwatch
from worker.ollama.timing.socket import CLIENT, KERNEL, StampedConnection, StampingAdapter
from worker.ollama.timing.stopwatch import Stopwatch


def pieces_of(text: bytes, cuts: list[int]) -> Iterator[bytes]:
    edges = [0, *sorted(cut % (len(text) + 1) for cut in cuts), len(text)]
    return (text[start:end] for start, end in pairwise(edges))


def lines(pieces: list[bytes]) -> list[tuple[int, bytes]]:
    """Return the lines of pieces that are stamped with their numbers."""
    return list(stopwatch.lines(zip(count(1), pieces, strict=False)))


@given(
    measured_points=st.lists(st.binary(max_size=20).filter(lambda line: b"\n" not in line)),
    cuts=st.lists(st.integers(0, 1000)),
    ended=st.booleans(),
)
def test_lines_do_not_depend_on_pieces(measured_points: list[bytes], cuts: list[int], *, ended: bool) -> None:
    text = b"\n".join(measured_points) + b"\n" * ended
    stamped = lines(list(pieces_of(text, cuts)))
    assert [line for _, line in stamped] == [point_runs for point_runs in measured_points if point_runs.strip()]
    assert [stamp for stamp, _ in stamped] == sorted(stamp for stamp, _ in stamped)


def test_a_line_has_the_time_stamp_of_its_completion() -> None:
    assert lines([b"a\n", b"b", b"c\nd\n", b"e"]) == [(1, b"a"), (3, b"bc"), (3, b"d"), (4, b"e")]


def streamed(url: str) -> tuple[Stopwatch, list[tuple[int, bytes]], list[int]]:
    """Return a stopwatch, its time stamps, and when each piece was passed on (nanoseconds since before the request)."""
    http = requests.Session()
    http.mount("http://", StampingAdapter(TimeLimits()))
    body = Request("tiny:latest", "1 a prompt", 16, 512).body()
    watch, start = Stopwatch(), time.time_ns()
    handed = []
    with http.post(f"{url}/api/generate", json=body, stream=True) as answer:
        stamped = []
        for arrival in watch.arrivals(answer):
            time.sleep(0.005)  # a reader that is busy
            handed.append(time.time_ns() - start)
            stamped.append(arrival)
    return watch, stamped, handed


@pytest.mark.skipif("sys.platform != 'linux'", reason="SO_TIMESTAMPNS is Linux's")
def test_the_kernel_stamps_what_arrives_while_the_reader_is_busy(ollama_url: str) -> None:
    watch, stamped, handed = streamed(ollama_url)
    assert watch.clock == KERNEL
    stamps = [stamp for stamp, _ in stamped]
    assert stamps == sorted(stamps)
    assert stamps[0] > 0
    assert all(stamp < at for stamp, at in zip(stamps, handed, strict=True))
    last = json.loads(stamped[-1][1].splitlines()[-1])
    assert last.get("done"), last


def test_the_client_stamps_if_the_kernel_does_not(double: OllamaDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "elsewhere")
    watch, stamped, handed = streamed(double.url)
    assert watch.clock == CLIENT
    stamps = [stamp for stamp, _ in stamped]
    assert stamps == sorted(stamps)
    assert 0 < stamps[0] < handed[0]


def test_connections_are_reused(double: OllamaDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = []
    connect = StampedConnection._new_conn
    monkeypatch.setattr(StampedConnection, "_new_conn", lambda self: opened.append(1) or connect(self))  # type: ignore[func-returns-value] # counts, then goes on
    driver = Driver(Ollama(double.url))
    for number in range(3):
        driver.generate(Request("tiny:latest", f"{number} a prompt", 16, 512))
    assert len(opened) == 1


def test_a_set_clock_is_detected(monkeypatch: pytest.MonkeyPatch) -> None:
    watch = Stopwatch()
    assert abs(watch.jump_ns) < 1_000_000_000
    real = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: real() + 3_600_000_000_000)
    assert watch.jump_ns > 3_599_000_000_000
