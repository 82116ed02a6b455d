"""Requests of a load that do not count. Each is evaluated alone, so that one of many does not reject the whole run."""

from collections.abc import Sequence

from common.errors import OllamaError
from worker.ollama.responses import Generation
from worker.verdicts import Severity, Verdict, answer
from worker.verdicts.expected import Expected

MIN_ALLOWED = 3
MAX_SHARE = 0.1
"""Share of the requests that may be left out. With more, those that remain would be a selection."""


def rejection(generation: Generation, expected: Expected) -> Verdict | None:
    """Return the verdict that rejects an answer, if any."""
    found = answer.evaluate(generation, expected)
    return next((verdict for verdict in found if verdict.severity == Severity.REJECTS), None)


def failure(error: OllamaError) -> Verdict:
    """Return the verdict on a request that failed.

    Raises:
        OllamaError: if the next request would fail in the same way.
    """
    if not error.retry_helps:
        raise error
    return answer.failed(error)


def too_many(left_out: int, requests: int) -> bool:
    """Return whether more of the requests were left out than a run can bear."""
    return left_out > max(MIN_ALLOWED, MAX_SHARE * requests)


def verdicts(left_out: Sequence[Verdict], requests: int) -> tuple[Verdict, ...]:
    """Return the verdict on a run in which some of the requests were left out: the first of theirs if these are many.

    That one rejects the run.
    """
    if not left_out:
        return ()
    if too_many(len(left_out), requests):
        return (left_out[0],)
    return (answer.requests_left_out([verdict.name for verdict in left_out], requests),)
