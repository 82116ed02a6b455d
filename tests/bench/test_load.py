"""The load benchmark, with few clients and submissions."""

import socket

import pytest

from api.live.websocket.socket import frame
from bench.load import sockets, submissions, waits
from bench.load.clients import Client, summarise
from bench.load.submissions import MetricChange, Submission, count_overtakings
from testbed.frames import CLOSE, TEXT, Corrupt, Frames


@pytest.mark.parametrize("size", [0, 125, 126, 65_535, 65_536])
def test_frames_are_read_in_bits(size: int) -> None:
    frames, data = Frames(), frame("x" * size) + bytes([CLOSE, 0])
    seen = [one for byte in data for one in frames.feed(bytes([byte]))]
    assert [(kind, len(content)) for kind, content in seen] == [(TEXT, size), (CLOSE, 0)]


@pytest.mark.parametrize("data", [b"\x01\x00", b"x" * 200, b"\x81\x80\0\0\0\0"])
def test_frames_that_no_server_sends_are_corrupt(data: bytes) -> None:
    with pytest.raises(Corrupt):
        list(Frames().feed(data))


def test_clients_that_got_each_number_once_and_in_order_are_complete() -> None:
    with socket.socket() as sock:
        got = [[9, 10, 11, 12, 13], [10, 11, 12], [10, 12], [10, 10, 11, 12], [10, 12, 11]]
        clients = [Client(sock, seqs=seqs, at=[seq + 5.0 for seq in seqs]) for seqs in got]
        seen = summarise(clients, [10, 11, 12])
    assert seen == {"complete": 2, "p50": 5.0, "p99": 5.0, "slowest": 5.0}


def test_a_session_is_overtaken_if_it_was_answered_before_the_other_was_sent() -> None:
    one, beside, later = (
        Submission(0, sent, answered, 202, name) for sent, answered, name in [(0, 2, "a"), (1, 3, "b"), (4, 5, "c")]
    )
    assert count_overtakings([one, beside, later], ["a", "b", "c"]) == 0
    assert count_overtakings([one, beside, later], ["b", "a", "c"]) == 0
    assert count_overtakings([one, beside, later], ["a", "c", "b"]) == 1
    assert count_overtakings([one, beside, later], ["c", "a", "b"]) == 1


@pytest.mark.slow
@pytest.mark.parametrize("path", ["/ws/test-progress", "/ws/hardware?hz=100"])
def test_clients_of_a_real_api(path: str) -> None:
    seen = sockets.measure(path, readers=20, mute=2, seconds=1)
    assert seen.complete == 20
    assert seen.messages > 0
    assert 0 < seen.p50 <= seen.p99 <= seen.slowest
    assert seen.mute_left == 2


def test_a_change_is_shown_next_to_the_interval() -> None:
    change = MetricChange("ttft: timeToFirstToken", 50.0, 50.25, (49.5, 50.5))
    assert submissions.row(change) == (
        "ttft: timeToFirstToken of the running session, without -> with submissions",
        "< 1.000 ms",
        "50.000 -> 50.250 ms, moved by 0.250 ms",
    )


@pytest.mark.slow
def test_a_lock_holds_up_nobody_else() -> None:
    (probe, (_, wanted, measured)) = waits.lock(locked_s=0.5)
    assert probe[2].startswith("all 200")
    assert measured.startswith(f"{wanted}, after ")
