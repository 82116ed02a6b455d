"""What a check has found."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from common.environment.settings import Settings


class Outcome(StrEnum):
    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True)
class Finding:
    """What is so, or failure, cause and action. `subject` is a setting or a part of Gait."""

    subject: str
    outcome: Outcome
    text: str


Check = Callable[[Settings], Iterator[Finding]]


def ok(subject: str, text: str) -> Finding:
    return Finding(subject, Outcome.OK, text)


def warning(subject: str, text: str) -> Finding:
    return Finding(subject, Outcome.WARNING, text)


def failed(subject: str, text: str) -> Finding:
    return Finding(subject, Outcome.FAILED, text)
