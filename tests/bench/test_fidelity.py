from pathlib import Path

import pytest

from bench import fidelity, peers
from bench.answers import Answers, errors, truth

TOKENS = 20


def test_gait_is_held_against_its_own_answers_without_each_streams_first(tmp_path: Path) -> None:
    with fidelity.paced_server(tmp_path / "notes") as url:
        seen = fidelity.gait(url, 3, 2, TOKENS)
        true = truth(tmp_path / "notes")
    assert true.keys() - seen.keys() == {"0 0", "1 0", "2 0"}
    assert seen.keys() == {"0 1", "1 1", "2 1"}
    assert errors(seen, true).answers == 3
    assert {len(answer.gaps or ()) for answer in [*seen.values(), *true.values()]} == {TOKENS - 1}


def test_gait_sees_no_token_before_it_was_written(tmp_path: Path) -> None:
    """Its stamp of the request is taken before the server's, and that of the first token after."""
    with fidelity.paced_server(tmp_path / "notes") as url:
        seen = fidelity.gait(url, 1, 3, TOKENS)
        true = truth(tmp_path / "notes")
    assert all(answer.ttft >= true[name].ttft for name, answer in seen.items())


def test_a_peer_that_fails_is_left_out_with_a_word(capsys: pytest.CaptureFixture[str]) -> None:
    def broken(*_: object) -> Answers:
        raise peers.PeerFailed("it broke")

    assert fidelity.attempt("a peer", broken, 1) is None
    assert capsys.readouterr().out == "a peer at 1 streams is left out: it broke\n"
