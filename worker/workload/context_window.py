"""How long a test's context is, and which of its points fit into it."""

from collections.abc import Sequence

from common.catalogue.options import Options
from common.catalogue.test_type import Point, TestType
from common.errors import TestFailure

SHORTEST = 2048
"""Tests that need less share this length, so that the model is not loaded anew between them."""


def length(test_type: TestType, options: Options, limit: int | None) -> int:
    """num_ctx in tokens: as asked for, else what the test needs, as far as the model's own `limit` goes.

    Raises:
        TestFailure: when more was asked for than the model has.
    """
    asked = options["contextLength"]
    if asked is None:
        wanted = max(test_type.context_for(options), SHORTEST)
        return wanted if limit is None else min(wanted, limit)
    if limit is not None and asked > limit:
        raise TestFailure(f"the model has a context of {limit} tokens; set contextLength to that at most")
    return int(asked)


def fitting(test_type: TestType, options: Options, points: Sequence[Point], context_length: int) -> list[Point]:
    """The points that the context holds.

    Raises:
        TestFailure: when it holds none.
    """
    fits = [point for point in points if test_type.context_for({**options, **point}) <= context_length]
    if not fits:
        needed = min(test_type.context_for({**options, **point}) for point in points)
        raise TestFailure(
            f"the test needs a context of {needed} tokens at least, and the model has {context_length}; "
            "ask for shorter prompts or answers"
        )
    return fits
