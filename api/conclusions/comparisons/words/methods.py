"""The method of a comparison in sentences: what each column is evaluated by, and how many verdicts hold together."""

from collections.abc import Iterator, Mapping, Sequence

from api.conclusions.comparisons.alternatives import Names
from api.conclusions.comparisons.columns import Column
from api.conclusions.comparisons.compared_tests import ComparedCell, ComparedTest
from api.conclusions.comparisons.evaluation.verdicts import Method, Verdict
from common.stats.comparing.between_sessions import LEVEL
from common.stats.comparing.session_spread import MIN_FREEDOM
from common.stats.intervals.looks import ESTIMATES, VERDICTS
from common.values.units import joined

SAME = "the same model, options, Ollama, settings and machine"


def sentences(
    tests: Sequence[ComparedTest], shown: Sequence[Column], against: Mapping[str, Column], names: Names
) -> list[str]:
    """Return what each alternative is evaluated by, in their order."""
    found: dict[str, list[str]] = {}
    for title in dict.fromkeys(names.titles.values()):
        own = [column for column in shown if names.titles[column.letter] == title]
        in_one = not any(column.machine for column in own) and all(
            column.session.id == against[column.letter].session.id for column in own
        )
        for text in _of_columns(_verdicts(tests, own), in_one=in_one):
            found.setdefault(text, []).append(title)
    return [f"{'; '.join(titles)}: {text}" for text, titles in found.items()]


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


def _verdicts(tests: Sequence[ComparedTest], columns: Sequence[Column]) -> list[Verdict]:
    letters = {column.letter for column in columns}
    cells: Iterator[ComparedCell] = (
        cell for test in tests for row in (*test.rows, *test.further) for cell in row.cells
    )
    return [cell.verdict for cell in cells if cell.letter in letters and cell.verdict]


def _of_columns(verdicts: Sequence[Verdict], *, in_one: bool) -> Iterator[str]:
    """Yield a sentence for each method. `in_one` says whether both compared columns are of one session."""
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
    number = joined(str(min(sessions)), str(max(sessions)))
    return (
        f"evaluated by the spread between {number} unchanged sessions: {SAME}. A difference is that of the two medians,"
        f" with its {_percent(1 - LEVEL)} interval."
    )


def _runs(in_one: bool) -> str:  # noqa: FBT001 - of a sentence
    them = "the two models" if in_one else "these two sessions"
    return (
        f"evaluated by the runs alone, because the spread between sessions is unknown. There are fewer than"
        f" {MIN_FREEDOM + 1} other sessions with {SAME}, or all their values are 0."
        f" The {_percent(1 - ESTIMATES)} intervals show whether {them}"
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
