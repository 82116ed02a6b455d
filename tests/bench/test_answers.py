import json
from pathlib import Path

import numpy as np
import pytest

from bench.answers import Answer, Answers, errors, lateness, truth
from bench.paced import FIRST_NS, NEXT_NS

MS = 1_000_000
TOKENS = 11
NAMES = [f"answer {number}" for number in range(200)]
START = {name: 10**18 + number for number, name in enumerate(NAMES)}


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """Of a server that was late by 2 ms with each tenth answer, which is noted in another order than it was asked."""
    path = tmp_path / "notes"
    lines = [{"name": name, "arrived": START[name], "writes": writes(name)} for name in reversed(NAMES)]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def writes(name: str) -> list[int]:
    late = 2 * MS if name.endswith("9") else 0
    return [START[name] + FIRST_NS + token * NEXT_NS + late for token in range(TOKENS)]


def client(late_ms: float, stretch: float = 1.0) -> Answers:
    """One that sees each first token so much late, and the later ones spread by so much."""
    return {
        name: Answer.from_stamps(
            0,
            [
                round(writes(name)[0] - START[name] + late_ms * MS + token * NEXT_NS * stretch)
                for token in range(TOKENS)
            ],
        )
        for name in NAMES
    }


@pytest.mark.parametrize("late_ms", [0.0, 3.0, -1.5])
def test_a_known_delay_of_the_first_token_comes_out(notes: Path, late_ms: float) -> None:
    found = errors(client(late_ms), truth(notes))
    assert found.answers == len(NAMES)
    assert found.ttft == pytest.approx(late_ms)
    assert found.ttft_size == pytest.approx(abs(late_ms))
    assert found.ttft_tail == pytest.approx(late_ms)
    assert found.inter_token == pytest.approx(0, abs=1e-9)


def test_a_known_stretch_between_tokens_comes_out(notes: Path) -> None:
    found = errors(client(0, stretch=1.02), truth(notes))
    assert found.ttft == pytest.approx(0, abs=1e-9)
    assert found.inter_token == pytest.approx(2)
    assert found.gap_tail == pytest.approx(0.02 * NEXT_NS / MS)


def test_errors_that_cancel_out_in_the_mean_show_in_their_size(notes: Path) -> None:
    early, late = client(-4), client(4)
    swinging = {name: (early if number % 2 else late)[name] for number, name in enumerate(NAMES)}
    found = errors(swinging, truth(notes))
    assert found.ttft == pytest.approx(0, abs=1e-9)
    assert found.ttft_size == pytest.approx(4)


def test_each_answer_is_held_against_its_own_truth(notes: Path) -> None:
    """Sorted sides would agree; the answers that the server gave late are seen as others'."""
    seen = client(0)
    late, early = seen["answer 9"], seen["answer 8"]
    swapped = seen | {"answer 9": early, "answer 8": late}
    assert errors(swapped, truth(notes)).ttft_size > errors(seen, truth(notes)).ttft_size


def test_answers_that_are_not_counted_are_left_out_of_the_truth(notes: Path) -> None:
    counted = {name: answer for name, answer in client(1).items() if not name.endswith("9")}
    found = errors(counted, truth(notes))
    assert found.answers == len(counted)
    assert found.ttft == pytest.approx(1)


def test_an_answer_that_was_never_given_is_an_error(notes: Path) -> None:
    with pytest.raises(KeyError):
        errors({"another": Answer(1, 1)}, truth(notes))


def test_a_tail_that_a_client_does_not_tell_is_unknown(notes: Path) -> None:
    means = {name: Answer(answer.ttft, answer.inter_token) for name, answer in client(0).items()}
    found = errors(means, truth(notes))
    assert found.gap_tail is None
    assert found.inter_token == pytest.approx(0, abs=1e-9)


def test_the_servers_lateness_is_what_its_notes_say(notes: Path) -> None:
    assert lateness(notes) == pytest.approx(2)
    assert np.isclose(truth(notes)["answer 9"].ttft - truth(notes)["answer 8"].ttft, 2)
