"""Requests of a load that do not count. Each is judged alone, so that one of many does not reject the whole run."""

from collections.abc import Sequence

from common.errors import OllamaError
from worker.ollama.responses import Generation
from worker.verdicts import Severity, Verdict, answer
from worker.verdicts.expected import Expected

MIN_ALLOWED = 3
MAX_SHARE = 0.1
"""Share of the requests that may be replaced. With more, those that remain would be a selection."""


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


def too_many(replaced: int, requests: int) -> bool:
    """Return whether more of the requests were replaced than a run can bear."""
    return replaced > max(MIN_ALLOWED, MAX_SHARE * requests)


def verdicts(replaced: Sequence[Verdict], requests: int) -> tuple[Verdict, ...]:
    """Return the verdict on a run in which some of the requests were replaced: the first of theirs if these are many.

    That one rejects the run.
    """
    if not replaced:
        return ()
    if too_many(len(replaced), requests):
        return (replaced[0],)
    return (answer.requests_replaced([verdict.name for verdict in replaced], requests),)
