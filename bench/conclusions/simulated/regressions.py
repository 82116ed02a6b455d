"""Error rates of the end of regressions: how often one is said to be over while it lasts, and how soon when it is."""

from collections.abc import Iterator
from datetime import timedelta
from math import log1p

import numpy as np

from api.conclusions.histories.history import History
from api.conclusions.histories.regressions import is_over, record
from bench.conclusions.share import Share
from bench.conclusions.simulated.histories import AUTOCORRELATIONS, FALSE, FOUND, SPREAD, UNIT
from bench.conclusions.simulated.noises import autocorrelated
from bench.conclusions.table import Row
from common.catalogue.metrics import METRICS
from common.records.regressions import RegressionRecord
from common.stats.comparing.comparison import Outcome
from common.stats.summary import summarise
from common.store.earlier.history import HistoryEntry
from common.values.units import EPOCH

BEFORE, WORSE, AFTER = 30, 20, 20
"""Nights before a step for the worse, at the new level, and after what follows."""
EVERY = 4
"""Of the nights after what follows, every fourth is evaluated, because each takes some milliseconds."""
PROMISED = 10
"""A step of these percent is not over while half of it is left."""
RATE = 100
METRIC = METRICS["decodeTokensPerSecond"]


def ends(series: int) -> Iterator[Row]:
    """Yield, for what follows 20 nights that are worse, the share of regressions that are over within 20 nights."""
    yield "step", "what follows", *(f"autocorrelation {rho:g}" for rho in AUTOCORRELATIONS)
    for percent in (5, 10):
        for name, left, most, least in (
            ("nothing", 1.0, FALSE, None),
            ("half of it is left", 0.5, FALSE if percent == PROMISED else None, None),
            ("a tenth of it is left", 0.1, None, None),
            ("it is as before", 0.0, None, FOUND),
        ):
            over = (_over(series, rho, percent, left) for rho in AUTOCORRELATIONS)
            yield f"{percent} %", name, *(Share(*each, at_most=most, at_least=least) for each in over)


def _over(series: int, rho: float, percent: float, left: float) -> tuple[int, int]:
    """Return how many regressions are over at some night, and how many were found."""
    found = [_ended(nights) for nights in _nights(series, rho, percent, left)]
    known = [each for each in found if each is not None]
    return sum(known), len(known)


def _nights(series: int, rho: float, percent: float, left: float) -> Iterator[list[float]]:
    rng, draw = np.random.default_rng(5), autocorrelated(rho)
    step = log1p(-percent / 100) / SPREAD
    levels = np.repeat([0.0, step, left * step], [BEFORE, WORSE, AFTER])
    for _ in range(series):
        yield (RATE * np.exp(SPREAD * (draw(rng, len(levels)) + levels))).tolist()


def _ended(rates: list[float]) -> bool | None:
    """Return whether a regression is over at some night, or None if it was not found while it lasted."""
    entries = [_entry(number, rate) for number, rate in enumerate(rates)]
    found = _regression(_history(entries[: BEFORE + WORSE]))
    if found is None:
        return None
    last, regression = found
    nights = range(BEFORE + WORSE + EVERY, len(entries) + 1, EVERY)
    return any(is_over(_history(entries[:night]), Outcome.WORSE, regression, last) for night in nights)


def _regression(history: History) -> tuple[int, RegressionRecord] | None:
    worse = [finding for finding in history.findings if finding.outcome is Outcome.WORSE]
    return (worse[0].lasting.last, record(history, worse[0])) if worse else None


def _history(entries: list[HistoryEntry]) -> History:
    return History("model", "decode", METRIC, entries)


def _entry(night: int, rate: float) -> HistoryEntry:
    return HistoryEntry(
        at=EPOCH + timedelta(days=night),
        session_id=str(night),
        session_name=None,
        host="host",
        ollama_version=None,
        settings=None,
        model={},
        inventory=None,
        options={},
        point={},
        statistic=summarise([rate], UNIT),
        grade=None,
    )
