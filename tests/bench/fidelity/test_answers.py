import json
from pathlib import Path

import numpy as np
import pytest

from bench.fidelity.answers import Answer, Answers, errors, lateness, truth
from bench.fidelity.reference_server import FIRST_NS, NEXT_NS

MS = 1_000_000
TOKENS = 11
NAMES = [f"answer {number}" for number in range(200)]
START = {name: 10**18 + number for number, name in enumerate(NAMES)}


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Write the log of a server that was 2 ms late with each tenth answer, in another order than the requests."""
    path = tmp_path / "log"
    lines = [{"name": name, "arrived": START[name], "writes": writes(name)} for name in reversed(NAMES)]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def writes(name: str) -> list[int]:
    late = 2 * MS if name.endswith("9") else 0
    return [START[name] + FIRST_NS + token * NEXT_NS + late for token in range(TOKENS)]


def client(late_ms: float, factor: float = 1.0) -> Answers:
    """Return the answers of a client that sees first tokens late, and the gaps after them stretched."""
    return {
        name: Answer.from_stamps(
            0,
            [round(writes(name)[0] - START[name] + late_ms * MS + token * NEXT_NS * factor) for token in range(TOKENS)],
        )
        for name in NAMES
    }


@pytest.mark.parametrize("late_ms", [0.0, 3.0, -1.5])
def test_a_known_delay_of_the_first_token_is_measured(log: Path, late_ms: float) -> None:
    found = errors(client(late_ms), truth(log))
    assert found.answers == len(NAMES)
    assert found.ttft == pytest.approx(late_ms)
    assert found.ttft_size == pytest.approx(abs(late_ms))
    assert found.ttft_tail == pytest.approx(late_ms)
    assert found.inter_token == pytest.approx(0, abs=1e-9)


def test_a_known_stretch_between_tokens_is_measured(log: Path) -> None:
    found = errors(client(0, factor=1.02), truth(log))
    assert found.ttft == pytest.approx(0, abs=1e-9)
    assert found.inter_token == pytest.approx(2)
    assert found.gap_tail == pytest.approx(0.02 * NEXT_NS / MS)


def test_errors_that_cancel_out_in_the_mean_show_in_their_size(log: Path) -> None:
    early, late = client(-4), client(4)
    swinging = {name: (early if number % 2 else late)[name] for number, name in enumerate(NAMES)}
    found = errors(swinging, truth(log))
    assert found.ttft == pytest.approx(0, abs=1e-9)
    assert found.ttft_size == pytest.approx(4)


def test_each_answer_is_compared_with_its_own_truth(log: Path) -> None:
    """Sorted lists would agree. Here the answers that the server gave late belong to other requests."""
    seen = client(0)
    late, early = seen["answer 9"], seen["answer 8"]
    swapped = seen | {"answer 9": early, "answer 8": late}
    assert errors(swapped, truth(log)).ttft_size > errors(seen, truth(log)).ttft_size


def test_answers_that_are_not_counted_are_left_out_of_the_truth(log: Path) -> None:
    counted = {name: answer for name, answer in client(1).items() if not name.endswith("9")}
    found = errors(counted, truth(log))
    assert found.answers == len(counted)
    assert found.ttft == pytest.approx(1)


def test_an_answer_that_was_never_given_is_an_error(log: Path) -> None:
    with pytest.raises(KeyError):
        errors({"another": Answer(1, 1)}, truth(log))


def test_a_tail_that_a_client_does_not_report_is_unknown(log: Path) -> None:
    means = {name: Answer(answer.ttft, answer.inter_token) for name, answer in client(0).items()}
    found = errors(means, truth(log))
    assert found.gap_tail is None
    assert found.inter_token == pytest.approx(0, abs=1e-9)


def test_the_servers_lateness_is_read_from_its_log(log: Path) -> None:
    assert lateness(log) == pytest.approx(2)
    assert np.isclose(truth(log)["answer 9"].ttft - truth(log)["answer 8"].ttft, 2)
