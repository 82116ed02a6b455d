"""Context length of a test, and the points that fit into it."""

from collections.abc import Sequence

from common.catalogue.options import Options
from common.catalogue.test_type import Point, TestType
from common.errors import TestFailure


def length(test_type: TestType, options: Options, limit: int | None) -> int:
    """Return num_ctx in tokens: the option if it is set, else what the test needs, up to the model's own `limit`.

    Raises:
        TestFailure: if the option is larger than the limit.
    """
    requested = options["contextLength"]
    if requested is not None and limit is not None and requested > limit:
        raise TestFailure(f"the model has a context of {limit} tokens; set contextLength to at most that")
    return test_type.context_length(options, limit)


def fitting(test_type: TestType, options: Options, points: Sequence[Point], context_length: int) -> list[Point]:
    """Return the points that fit into the context.

    Raises:
        TestFailure: if no point fits.
    """
    fits = [point for point in points if test_type.context_for({**options, **point}) <= context_length]
    if not fits:
        needed = min(test_type.context_for({**options, **point}) for point in points)
        raise TestFailure(
            f"the test needs a context of at least {needed} tokens, and this one has {context_length}; "
            "request shorter prompts or answers"
        )
    return fits
