"""Which charts answer the question of which test type, of all models of a session side by side."""

from collections.abc import Callable, Sequence

from api.web.pages.charts.curves import (
    BATCH,
    DEPTH,
    LAYERS,
    LOAD,
    OFFERED,
    PROMPT,
    TURN,
    USERS,
    Over,
    curve,
    knees,
    spans,
    tail,
)
from api.web.pages.charts.dots import lanes
from api.web.pages.charts.figures import Figure
from api.web.pages.charts.sustained import over_time
from api.web.pages.comparison.samples import Measured

Tests = Sequence[Measured]

BESIDE_HEADLINES = ("timeToFirstToken", "swapTime")
"""Metrics of runs that charts show beside the tests' headlines."""


def charts(test_type: str, tests: Tests) -> list[Figure]:
    """The charts of a test type for the tests of it that have completed, those that have something to show."""
    drawn = CHARTS.get(test_type, _whatever)(tests) if tests else []
    return [figure for figure in drawn if not figure.is_empty()]


def _whatever(tests: Tests) -> list[Figure]:
    """Of a type that is not known here: the runs of its headline metric."""
    return lanes("All runs", tests, tests[0].headline)


def _over(over: Over, title: str, alone: str, metric: str) -> Callable[[Tests], list[Figure]]:
    """A curve, or the runs alone where there is but one place on it."""

    def draw(tests: Tests) -> list[Figure]:
        return [curve(title, tests, metric, over)] if spans(tests, over) else lanes(alone, tests, metric)

    return draw


def _runs(title: str, metric: str) -> Callable[[Tests], list[Figure]]:
    return lambda tests: lanes(title, tests, metric)


def _swaps(tests: Tests) -> list[Figure]:
    return [
        *lanes("How long is the first token after the other model had its turn?", tests, "timeToFirstToken"),
        *lanes("How much of that is the swap?", tests, "swapTime"),
    ]


def _concurrency(tests: Tests) -> list[Figure]:
    found = knees(tests)
    return [
        curve("How much does the server write for so many users?", tests, "aggregateTokensPerSecond", USERS, found),
        curve("How long does each of them wait?", tests, "timeToFirstToken", USERS, found),
    ]


def _open_loop(tests: Tests) -> list[Figure]:
    waits = curve("How long is the wait under so much load?", tests, "timeToFirstToken", OFFERED)
    return [
        tail(waits, tests, "timeToFirstToken", OFFERED),
        curve("How many requests are answered well?", tests, "goodputShare", LOAD),
    ]


CHARTS: dict[str, Callable[[Tests], list[Figure]]] = {
    "cold-start": _runs("How long did each cold start take?", "timeToFirstToken"),
    "ttft": _over(PROMPT, "How does the wait grow with the prompt?", "How long was each wait?", "timeToFirstToken"),
    "prefill": _over(
        PROMPT, "How fast are prompts of each length read?", "How fast was each prompt read?", "promptTokensPerSecond"
    ),
    "decode": _runs("How fast was each answer written?", "decodeTokensPerSecond"),
    "context-depth": _over(
        DEPTH, "How fast are answers written at each depth?", "How fast was each written?", "decodeTokensPerSecond"
    ),
    "prefix-cache": _over(
        PROMPT, "How long is the wait, new and known?", "How long was each wait, known?", "timeToFirstToken"
    ),
    "multi-turn": _over(TURN, "How does the wait grow over the turns?", "How long was each wait?", "timeToFirstToken"),
    "concurrency": _concurrency,
    "open-loop": _open_loop,
    "sustained": over_time,
    "embedding": _over(BATCH, "How does the batch's size pay?", "How fast was each request?", "embeddingsPerSecond"),
    "model-swap": _swaps,
    "thinking": _runs("How long was it to each answer?", "timeToAnswer"),
    "determinism": _runs("How much of each answer is as the first?", "sameAnswer"),
    "offload-sweep": _over(
        LAYERS, "How fast with so much on the GPU?", "How fast was each answer written?", "decodeTokensPerSecond"
    ),
}
