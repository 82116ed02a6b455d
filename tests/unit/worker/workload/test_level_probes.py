"""The random lengths of answers at the levels of a search."""

import pytest

from worker.verdicts.expected import Expected
from worker.workload.traffic.closed_loop import Users
from worker.workload.traffic.level_probes import lengths


@pytest.mark.parametrize(("tokens", "between"), [(16, (16, 22)), (20, (16, 22)), (64, (48, 64)), (1000, (750, 1000))])
def test_answers_are_randomly_long_and_have_enough_tokens_for_a_rate(tokens: int, between: tuple[int, int]) -> None:
    assert lengths(tokens) == between
    users = Users(4, str, Expected(128, tokens), "seed", lengths=between)
    drawn = {users.expect(user, request).output_tokens for user in range(4) for request in range(1, 400)}
    assert (min(filter(None, drawn)), max(filter(None, drawn))) == between


def test_without_random_lengths_only_the_first_answer_differs() -> None:
    users = Users(2, str, Expected(128, 64), "seed")
    assert {users.expect(user, request).output_tokens for user in range(2) for request in range(1, 9)} == {64}
    assert len({users.expect(user, 0).output_tokens for user in range(2)}) == 2
