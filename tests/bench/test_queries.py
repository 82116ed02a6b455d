"""The benchmark of reads in a large database: the small one that it is compared with, and its tables."""

from collections import Counter

from api.conclusions.histories.history_query import MAX_SESSIONS
from api.conclusions.histories.series import MAX_TESTS
from bench.queries.__main__ import SMALL, row, summary
from bench.queries.dataset import (
    COMMON_TAG,
    COMMON_TYPE,
    HOSTS,
    MIN_REGRESSIONS,
    MODELS,
    NIGHTLY_MODEL,
    SPREAD_MODEL,
    Dataset,
)
from bench.queries.measure import Times
from bench.queries.reads_of_conclusions import SPANS
from common.catalogue.test_types import TEST_TYPES
from common.store.earlier.newest.newest import MAX_TAGGED


def test_what_the_small_database_is_asked_for_reaches_its_limit() -> None:
    data = Dataset(SMALL)
    sessions = list(data.sessions())
    measured = [
        (model, test_type, session.host, session.at)
        for session in sessions
        for model in session.models
        for test_type in session.test_types
    ]
    results = Counter((model, test_type) for model, test_type, *_ in measured)
    assert min(results[model, name] for model in (NIGHTLY_MODEL, SPREAD_MODEL) for name in TEST_TYPES) >= MAX_TESTS
    for span in SPANS.values():
        first, last = span.split("/")
        nights = [at for *of, at in measured if of == [NIGHTLY_MODEL, COMMON_TYPE, HOSTS[0]]]
        assert sum(first <= at.date().isoformat() <= last for at in nights) >= MAX_SESSIONS
    boards = {(model, host) for model, test_type, host, _ in measured if test_type == COMMON_TYPE}
    assert {(model, host) for model in MODELS for host in HOSTS} <= boards
    assert sum(COMMON_TAG in session.tags for session in sessions) >= MAX_TAGGED
    assert data.number // data.sessions_per_regression >= MIN_REGRESSIONS


def test_growth_stands_beside_the_size_of_both_answers() -> None:
    large, small = Times(9.0, [4.0, 5.0, 6.0], 30.04), Times(8.0, [2.0, 2.5, 60.0], 20.0)
    assert row("a list", large, small) == "| a list | 9 ms | 5.0 ms | 5.9 ms | 54.2 ms | 2.0 × | 30.0 | 20.0 |"
    assert summary({"a list": large, "a page": small}, {"a list": small, "a page": small}).splitlines()[1:] == [
        "p95 above 50 ms: a page.",
        "Growth above 2 ×: none.",
        "Answers more than 1.2 × as long as in 10,000: a list.",
        "Answers less than 1/1.2 as long: none.",
    ]
