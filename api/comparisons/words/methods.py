"""The method of a comparison in sentences: what each column is judged by, and how many verdicts hold together."""

from collections.abc import Iterator, Mapping, Sequence

from api.comparisons.columns import Column
from api.comparisons.tests import ComparedCell, ComparedTest
from api.comparisons.verdicts import Method, Verdict
from common.stats.comparing.between_sessions import LEVEL
from common.stats.comparing.session_spread import MIN_FREEDOM
from common.stats.intervals.looks import ESTIMATES, VERDICTS

SAME = "the same model, options, Ollama, settings and machine"


def sentences(tests: Sequence[ComparedTest], shown: Sequence[Column], against: Mapping[str, Column]) -> list[str]:
    """Return what each column is judged by, in the order of the columns."""
    found: dict[str, list[str]] = {}
    for column in shown:
        in_one = column.session.id == against[column.letter].session.id
        for text in _of_column(_verdicts(tests, column), in_one=in_one):
            found.setdefault(text, []).append(column.letter)
    return [f"{', '.join(letters)}: {text}" for text, letters in found.items()]


def together(tests: Sequence[ComparedTest]) -> str:
    """Return how many verdicts on headline metrics hold together, empty if there is only one."""
    verdicts = [cell.verdict for test in tests for cell in test.compared() if cell.verdict]
    if len(verdicts) < 2:  # noqa: PLR2004 - several
        return ""
    level = max(verdict.difference.level for verdict in verdicts)
    return (
        f"The {len(verdicts)} verdicts on headline metrics are controlled together (Benjamini and Hochberg):"
        f" on average, at most {_percent(level)} of the differences found are false. So are those on further metrics."
    )


def _verdicts(tests: Sequence[ComparedTest], column: Column) -> list[Verdict]:
    cells: Iterator[ComparedCell] = (
        cell for test in tests for row in (*test.rows, *test.further) for cell in row.cells
    )
    return [cell.verdict for cell in cells if cell.letter == column.letter and cell.verdict]


def _of_column(verdicts: Sequence[Verdict], *, in_one: bool) -> Iterator[str]:
    """Yield a sentence for each method, of a column that is `in_one` session with the baseline or not."""
    methods = {verdict.method for verdict in verdicts}
    if Method.PAIRED in methods:
        yield _paired()
    if Method.SPREAD in methods:
        yield _in_turn(in_one) + _spread({verdict.unchanged for verdict in verdicts if verdict.unchanged})
    if Method.RUNS in methods:
        yield _in_turn(in_one) + _runs(in_one)


def _paired() -> str:
    return (
        "measured in turn with the baseline, block by block. A difference is the median of the changes within the"
        f" blocks, with its {_percent(1 - VERDICTS)} interval."
    )


def _spread(sessions: set[int]) -> str:
    least, most = min(sessions), max(sessions)
    number = f"{least}" if least == most else f"{least} to {most}"
    return (
        f"judged by the spread between {number} unchanged sessions: {SAME}. A difference is that of the two medians,"
        f" with its {_percent(1 - LEVEL)} interval."
    )


def _runs(in_one: bool) -> str:  # noqa: FBT001 - of a sentence
    them = "the two models" if in_one else "these two sessions"
    return (
        f"judged by the runs alone, because the spread between sessions is unknown. There are fewer than"
        f" {MIN_FREEDOM + 1} other sessions with {SAME}. The {_percent(1 - ESTIMATES)} intervals show whether {them}"
        " differ, but not whether they would differ again. Repeat the sessions to find out."
    )


def _in_turn(in_one: bool) -> str:  # noqa: FBT001 - of a sentence
    return "measured before or after the baseline, not in turn with it, and " if in_one else ""


CLOSING = (
    "The smallest detectable change is the one that four of five such comparisons would find. Each number is the median"
    " over the counted runs, one value per run."
)


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
