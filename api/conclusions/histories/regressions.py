"""Regressions and improvements: lasting changes in a history, and whether they are over."""

from api.conclusions.histories.history import Finding, History
from api.conclusions.histories.sentences import sentence
from common.records.regressions import LevelRecord, RegressionRecord
from common.stats.comparing.comparison import Outcome
from common.stats.history.detection import NEWEST
from common.stats.history.evaluation import Level
from common.stats.history.known_levels import KnownLevel, difference
from common.store.earlier.history import HistoryEntry
from common.values.units import text

OPPOSITE = {Outcome.WORSE: Outcome.BETTER, Outcome.BETTER: Outcome.WORSE}


def record(history: History, finding: Finding) -> RegressionRecord:
    """Return the change as it is stored. Later sessions make its change more precise."""
    change = finding.lasting.difference
    before, after = _around(history, finding)
    return {
        "unit": history.metric.unit,
        "relative": change.relative,
        "change": change.change,
        "ci95": change.interval or (change.change, change.change),
        "drifts": finding.lasting.drifts,
        "before": before,
        "after": after,
        "coinciding": list(map(str, finding.changes)),
        "sentence": sentence(history, finding),
    }


def is_over(history: History, outcome: Outcome, regression: RegressionRecord, last: int) -> bool:
    """Return whether later sessions show that the metric is no longer worse than before a regression.

    `last` is the position of the last session of the change. The current level must have begun after it, with as many
    sessions as a step needs. It must be better than the level after the regression, and not worse than that before:
    the 95 % interval of the first difference leaves out 0, and that of the second does not lie on the worse side.
    The same holds for an improvement, whose `outcome` is better, the other way round.
    """
    current = _current(history, last)
    if current is None:
        return False
    relative = regression["relative"] and history.evaluation.relative
    gained, lost = (
        difference(_known(regression[side]), current, relative=relative).outcome(history.metric.better)
        for side in ("after", "before")
    )
    return gained is OPPOSITE[outcome] and lost is not outcome


def shown_by(history: History) -> HistoryEntry:
    """Return the session that showed the current level."""
    evaluation = history.evaluation
    start = evaluation.levels[-1].start
    return history.sessions[next((change.seen for change in evaluation.changes if change.start == start), -1)]


def over_sentence(history: History, outcome: Outcome, regression: RegressionRecord, day: str) -> str:
    """Return that a regression or improvement is over, with the values before it and now."""
    level = history.evaluation.levels[-1]
    before, now = (text(value, regression["unit"]) for value in (regression["before"]["value"], level.values[1]))
    since = f"{history.sessions[level.start].at:%Y-%m-%d}"
    return (
        f"{history.metric.label} of {history.model} is no longer {outcome} than before {day}. "
        f"It is {now} since {since}, and was {before} then."
    )


def _current(history: History, last: int) -> KnownLevel | None:
    """Return the current level, or the end of the current drift, if it has begun after a position."""
    level = next(reversed(history.evaluation.levels), None)
    if level is None or level.start <= last or level.end - level.start < NEWEST:
        return None
    return KnownLevel(level.values[1], level.intervals[1])


def _around(history: History, finding: Finding) -> tuple[LevelRecord, LevelRecord]:
    """Return the level before a step and that after it, or the two ends of a drift."""
    levels = history.evaluation.levels
    at = next(at for at, level in enumerate(levels) if level.start == finding.lasting.start)
    before, after = levels[at if finding.lasting.drifts else at - 1], levels[at]
    return _record(before, 0), _record(after, 1)


def _record(level: Level, end: int) -> LevelRecord:
    return {"value": level.values[end], "ci95": level.intervals[end]}


def _known(level: LevelRecord) -> KnownLevel:
    low, high = level["ci95"]
    return KnownLevel(level["value"], (low, high))
