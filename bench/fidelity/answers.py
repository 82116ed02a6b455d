"""Answers as a client saw them, each compared with the server's log of the same answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import fmean

import numpy as np

from bench.fidelity.reference_server import FIRST_NS, NEXT_NS, read_log
from common.values.units import NS_PER_MS

TAIL = 99
"""The percentile of the largest errors."""


@dataclass(frozen=True)
class Answer:
    """Times in milliseconds: to the first token, the mean time between tokens, and each of those times (`gaps`).

    `gaps` is None if a client reports only their mean.
    """

    ttft: float
    inter_token: float
    gaps: tuple[float, ...] | None = None

    @classmethod
    def from_stamps(cls, start: int, tokens: Sequence[int]) -> "Answer":
        """Build an answer from the nanoseconds at which the request was sent and each token came."""
        gaps = tuple((after - before) / NS_PER_MS for before, after in pairwise(tokens))
        return cls((tokens[0] - start) / NS_PER_MS, fmean(gaps), gaps)


Answers = dict[str, Answer]
"""By the name that they have in the server's log."""


@dataclass(frozen=True)
class Errors:
    """A client's values less those of the server's log.

    For the time to the first token, in ms: the mean of the errors, the 99th percentile of their absolute values, and
    the client's 99th percentile less the true one. For the time between tokens: the mean of the errors in percent, and
    the client's 99th percentile less the true one in ms. It is None if the client does not report single times.
    """

    answers: int
    ttft: float
    ttft_size: float
    ttft_tail: float
    inter_token: float
    gap_tail: float | None


def truth(log: Path) -> Answers:
    return {name: Answer.from_stamps(arrived, writes) for name, arrived, writes in read_log(log)}


def errors(seen: Answers, true: Answers) -> Errors:
    """Compare each answer with the true one. Raises KeyError for an answer that the server never gave."""
    pairs = [(answer, true[name]) for name, answer in seen.items()]
    ttft = [ours.ttft - theirs.ttft for ours, theirs in pairs]
    return Errors(
        answers=len(pairs),
        ttft=fmean(ttft),
        ttft_size=_tail(np.abs(ttft).tolist()),
        ttft_tail=_tail([ours.ttft for ours, _ in pairs]) - _tail([theirs.ttft for _, theirs in pairs]),
        inter_token=fmean(100 * (ours.inter_token / theirs.inter_token - 1) for ours, theirs in pairs),
        gap_tail=_gap_tail(pairs),
    )


def _gap_tail(pairs: list[tuple[Answer, Answer]]) -> float | None:
    if any(ours.gaps is None for ours, _ in pairs):
        return None
    seen, true = ([gap for answer in side for gap in answer.gaps or ()] for side in zip(*pairs, strict=True))
    return _tail(seen) - _tail(true)


def _tail(values: list[float]) -> float:
    return float(np.percentile(values, TAIL))


def lateness(log: Path) -> float:
    """Return how late the server wrote, as the 99th percentile over all tokens, in ms."""
    return _tail(
        [
            (written - arrived - FIRST_NS - token * NEXT_NS) / NS_PER_MS
            for _, arrived, writes in read_log(log)
            for token, written in enumerate(writes)
        ]
    )
