"""What the comparison page concludes from measured sessions, in tables."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import fmean

from api.conclusions.comparisons.columns import Column, baselines, columns, key
from api.conclusions.comparisons.compared_tests import ComparedCell, Comparer, controlled
from bench.conclusions.end_to_end.sessions import CHANGES, TEST, MeasuredSession
from bench.conclusions.share import Share
from bench.conclusions.simulated.blocks import FOUND, SAID
from bench.conclusions.simulated.comparisons import SAID as SAID_OF_SESSIONS
from bench.conclusions.simulated.intervals import COVERAGE
from bench.conclusions.table import Row, Table
from common.stats.comparing.comparison import Outcome
from common.stats.distribution import Distribution
from common.store.earlier import samples

CLEAR = (Outcome.FASTER, Outcome.SLOWER)
Pair = tuple[MeasuredSession, MeasuredSession]


def tables(sessions: Sequence[MeasuredSession]) -> list[Table]:
    """Return the tables of these sessions."""
    found = Conclusions(sessions)
    return [
        Table(
            "Models in turn, measured",
            "Sessions of two models, one of which is slower as planted.",
            "at most 1 % of equal models are said to differ. Models that are 2, 3 and 5 % slower are found in 80, 95 "
            "and 100 %. The intervals of the medians hold the planted ones in 95 %.",
            found.in_turn,
        ),
        Table(
            "Two sessions, measured",
            "A model in one session and in the next one of the same two models. Eight more sessions show the spread.",
            "at most 5 % of equal sessions are said to differ.",
            found.between,
        ),
    ]


class Conclusions:
    """The conclusions from sessions, group by group."""

    def __init__(self, sessions: Sequence[MeasuredSession]) -> None:
        self._sessions = sessions

    def in_turn(self, _: int) -> Iterator[Row]:
        """Yield how often two models of a session are said to differ, by the planted difference."""
        yield "other model", "said to differ", "said to be slower", "medians whose interval holds the truth", "blocks"
        for slower in dict.fromkeys(one.group.slower for one in self._sessions):
            sessions = [one for one in self._sessions if one.group.slower == slower]
            outcomes, n = [_compared((one, 0), (one, 1)).outcome for one in sessions], len(sessions)
            said = Share(sum(outcome in CLEAR for outcome in outcomes), n, None if slower else SAID)
            found = Share(outcomes.count(Outcome.SLOWER), n, at_least=FOUND.get(slower))
            held = [_holds(*each) for one in sessions for each in zip(one.statistics, one.rates, strict=True)]
            blocks = fmean(one.statistics[0]["runs"] for one in sessions)
            name = f"{slower:g} % slower" if slower else "equal"
            yield name, said, found, Share(sum(held), len(held), at_least=COVERAGE), f"{blocks:.1f}"

    def between(self, _: int) -> Iterator[Row]:
        """Yield how often models of two sessions are said to differ, by the planted spread."""
        yield "spread of sessions", "equal: said to differ", *(f"{by:g} % slower: found" for by in CHANGES)
        for spread in sorted({one.group.spread for one in self._sessions}):
            pairs = [pair for pair in self._pairs() if pair[0].group.spread == spread]
            equal = [cell for one, other in pairs for cell in _equal(one, other)]
            said = Share(sum(cell.outcome in CLEAR for cell in equal), len(equal), SAID_OF_SESSIONS)
            yield f"{spread:g} %", said, *(_found(pairs, slower) for slower in CHANGES)

    def _pairs(self) -> list[Pair]:
        """Return pairs of sessions of a group that follow each other, each session in one pair."""
        following = list(pairwise(self._sessions))[::2]
        return [(one, other) for one, other in following if one.group == other.group]


def _equal(one: MeasuredSession, other: MeasuredSession) -> list[ComparedCell]:
    return [_compared((one, model), (other, model)) for model in (0, 1)]


def _found(pairs: Sequence[Pair], slower: float) -> Share:
    """Return how often the slower model of one session is found to be slower than the other model in the other one."""
    changed = [(one, other) for one, other in pairs if one.group.slower == slower]
    cells = [_compared((one, 0), (other, 1)) for pair in changed for one, other in (pair, pair[::-1])]
    return Share(sum(cell.outcome is Outcome.SLOWER for cell in cells), len(cells))


def _compared(baseline: tuple[MeasuredSession, int], other: tuple[MeasuredSession, int]) -> ComparedCell:
    """Return what the comparison page says of two models, each that of this number in its session."""
    first, second = _columns(baseline, other)
    [test] = controlled([Comparer([first, second], baselines([first, second], first.key)).test(TEST)])
    cell = test.rows[0].cells[1]
    if cell.outcome is None:
        raise RuntimeError(f"{second.key} has nothing to compare: {cell.absence}. The worker's log has the reason.")
    return cell


def _columns(*chosen: tuple[MeasuredSession, int]) -> list[Column]:
    ids = list(dict.fromkeys(one.id for one, _ in chosen))
    shown = {column.key: column for column in columns(samples.sessions(ids), [], samples.samples(ids))}
    return [shown[key(one.id, one.group.models[number])] for one, number in chosen]


def _holds(statistic: Distribution, truth: float) -> bool:
    low, high = statistic["ci95"] or (None, None)
    return low is not None and high is not None and low <= truth <= high
