"""The search for the largest good level."""

from collections.abc import Callable
from random import Random

import pytest

from common.stats.searching.level_search import Found, LevelSearch


def searched(search: LevelSearch, good: Callable[[int], float], seed: int = 0) -> tuple[Found, float]:
    """Return what a search finds if answers at a level are good with this probability, and how many it took."""
    chance = Random(seed)
    while probe := search.next():
        search.add(probe.level, sum(chance.random() < good(probe.level) for _ in range(probe.answers)), probe.answers)
    return search.found(), sum(evidence.answers for evidence in search.evidence.values())


@pytest.mark.parametrize("largest", [0, 1, 2, 3, 5, 13, 30, 63])
def test_a_sharp_edge_is_found_from_few_answers(largest: int) -> None:
    found, answers = searched(LevelSearch(0.95, 64), lambda level: level <= largest)
    assert found == Found(largest, largest, largest)
    assert answers <= 250


def test_a_search_finds_edges_below_and_above_its_start() -> None:
    for largest in (1, 40, 100, 101, 160, 200):
        found, _ = searched(LevelSearch(0.95, 201, 101, 8), lambda level, edge=largest: level <= edge)  # type: ignore[misc]
        assert found == Found(largest, largest, largest)


def test_nothing_is_known_above_the_maximum() -> None:
    assert searched(LevelSearch(0.95, 8), lambda _: 1.0)[0] == Found(8, 8, None)


def test_a_search_that_was_cut_knows_a_range() -> None:
    search = LevelSearch(0.95, 64)
    assert search.found() == Found(0, 0, None)
    search.add(1, 200, 200)
    search.add(8, 0, 8)
    search.add(4, 8, 8)
    assert search.found() == Found(4, 1, 7)


def test_another_share_has_another_edge() -> None:
    for share, edge in ((0.55, 4), (0.75, 2)):
        found, _ = searched(LevelSearch(share, 64), lambda level: 1 - level / 10)
        assert abs(found.level - edge) <= 1


def test_proofs_that_contradict_each_other_make_a_range() -> None:
    search = LevelSearch(0.95, 64)
    search.add(3, 0, 8)
    search.add(5, 200, 200)
    assert search.found() == Found(2, 2, 5)


def test_the_range_holds_the_edge_in_95_of_100_searches() -> None:
    """Shares of good answers near the edge are the hardest: 97 %, then 93 %."""
    shares = {1: 1.0, 2: 1.0, 3: 0.99, 4: 0.97, 5: 0.93, 6: 0.8}
    found = [searched(LevelSearch(0.95, 64), lambda level: shares.get(level, 0.3), seed)[0] for seed in range(100)]
    assert sum(each.low <= 4 and (each.high is None or each.high >= 4) for each in found) >= 95
    assert sum(abs(each.level - 4) <= 1 for each in found) >= 95


@pytest.mark.parametrize(("level", "wrong"), [(0.95, "is_good"), (0.95, "is_bad")])
def test_a_level_at_the_share_itself_is_rarely_proven(level: float, wrong: str) -> None:
    proven = 0
    for seed in range(200):
        chance, search = Random(seed), LevelSearch(0.95, 64)
        for _ in range(60):
            search.add(1, sum(chance.random() < level for _ in range(10)), 10)
            if getattr(search, wrong)(1):
                proven += 1
                break
    assert proven <= 4
