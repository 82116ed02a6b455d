"""Tables of measured error rates, in Markdown."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from textwrap import fill

from bench.conclusions.share import Ratio, Share

Cell = str | Share | Ratio
Row = Sequence[Cell]
QUICK = 1000
"""A quick run has this times fewer cases."""
MIN_CASES = 2
WIDTH = 120


@dataclass(frozen=True)
class Table:
    """A table about one kind of conclusion.

    `rows` yields the header and then the rows, each of about this number of `cases`. `explanation` says what its cells
    are, and `promise` what is promised of them, empty for nothing. A `slow` table takes
    long also with few cases.
    """

    title: str
    explanation: str
    promise: str
    rows: Callable[[int], Iterator[Row]]
    cases: int = 0
    slow: bool = False

    def measure(self, *, quick: bool = False) -> "Measured":
        """Measure all rows. A quick run takes few cases, so its numbers are rough."""
        cases = max(self.cases // QUICK, MIN_CASES) if quick else self.cases
        return Measured(self, list(self.rows(cases)))


@dataclass(frozen=True)
class Measured:
    """A table with its header and rows."""

    table: Table
    rows: Sequence[Row]

    @property
    def broken(self) -> list[Row]:
        """The rows in which a promise is broken."""
        return [row for row in self.rows if any(not isinstance(cell, str) and cell.is_broken for cell in row)]

    def markdown(self) -> str:
        header, *rows = (_line(row) for row in self.rows)
        table = "\n".join([header, "|---" * len(self.rows[0]) + "|", *rows])
        return f"### {self.table.title}\n\n{fill(self.table.explanation, WIDTH)}\n\n{table}\n{self._promise()}"

    def _promise(self) -> str:
        if not self.table.promise:
            return ""
        held = f"**Rows that break this: {len(self.broken)}.**" if self.broken else "All rows keep this."
        return "\n" + fill(f"Promised: {self.table.promise} {held}", WIDTH) + "\n"


def _line(row: Row) -> str:
    return f"| {' | '.join(map(str, row))} |"
