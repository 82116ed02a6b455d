"""The bench of load, in little."""

import socket

import pytest

from api.websocket.socket import frame
from bench.load import sockets, submissions
from bench.load.submissions import Submission, overtakings
from bench.load.watchers import Client, found
from testbed.frames import CLOSE, TEXT, Corrupt, Frames


@pytest.mark.parametrize("size", [0, 125, 126, 65_535, 65_536])
def test_frames_are_read_in_bits(size: int) -> None:
    frames, data = Frames(), frame("x" * size) + bytes([CLOSE, 0])
    seen = [one for byte in data for one in frames.feed(bytes([byte]))]
    assert [(kind, len(content)) for kind, content in seen] == [(TEXT, size), (CLOSE, 0)]


@pytest.mark.parametrize("data", [b"\x01\x00", b"x" * 200, b"\x81\x80\0\0\0\0"])
def test_what_no_server_sends_is_corrupt(data: bytes) -> None:
    with pytest.raises(Corrupt):
        list(Frames().feed(data))


def test_clients_are_complete_who_got_each_number_once_and_in_order() -> None:
    with socket.socket() as sock:
        got = [[9, 10, 11, 12, 13], [10, 11, 12], [10, 12], [10, 10, 11, 12], [10, 12, 11]]
        clients = [Client(sock, seqs=seqs, at=[seq + 5.0 for seq in seqs]) for seqs in got]
        seen = found(clients, [10, 11, 12])
    assert seen == {"complete": 2, "p50": 5.0, "p99": 5.0, "slowest": 5.0}


def test_overtaken_is_who_was_answered_before_the_other_was_sent() -> None:
    one, beside, later = (
        Submission(0, sent, answered, 202, name) for sent, answered, name in [(0, 2, "a"), (1, 3, "b"), (4, 5, "c")]
    )
    assert overtakings([one, beside, later], ["a", "b", "c"]) == 0
    assert overtakings([one, beside, later], ["b", "a", "c"]) == 0
    assert overtakings([one, beside, later], ["a", "c", "b"]) == 1
    assert overtakings([one, beside, later], ["c", "a", "b"]) == 1


@pytest.mark.slow
@pytest.mark.parametrize("path", sockets.PATHS)
def test_watchers_of_a_real_api(path: str) -> None:
    seen = sockets.measure(path, readers=20, mute=2, seconds=1)
    assert seen.complete == 20
    assert seen.messages > 0
    assert 0 < seen.p50 <= seen.p99 <= seen.slowest
    assert seen.mute_left == 2


def test_what_a_running_session_moved_stands_beside_its_interval() -> None:
    figure = submissions.Figure("ttft: timeToFirstToken", 50.0, 50.25, (49.5, 50.5))
    assert submissions.row(figure) == (
        "ttft: timeToFirstToken of the running session, without -> with submissions",
        "< 1.000 ms",
        "50.000 -> 50.250 ms, moved by 0.250 ms",
    )
