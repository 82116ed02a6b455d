"""Tables of measured error rates, in Markdown."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bench.conclusions.share import Share

Row = Sequence[str | Share]
QUICK = 100
"""A quick run has this times fewer cases."""
FEWEST = 3


@dataclass(frozen=True)
class Table:
    """A table about one kind of conclusion.

    `rows` yields the header and then the rows, from about this number of `cases` for each. `promise` says what is
    promised of its cells, and `explanation` what they are.
    """

    title: str
    explanation: str
    promise: str
    rows: Callable[[int], Iterator[Row]]
    cases: int

    def measure(self, *, quick: bool = False) -> "Measured":
        """Measure all rows. A quick run takes few cases, so its numbers are rough."""
        cases = max(self.cases // QUICK, FEWEST) if quick else self.cases
        return Measured(self, list(self.rows(cases)))


@dataclass(frozen=True)
class Measured:
    """A table with its header and rows."""

    table: Table
    rows: Sequence[Row]

    @property
    def broken(self) -> list[Row]:
        """The rows in which a promise is broken."""
        return [row for row in self.rows if any(isinstance(cell, Share) and cell.is_broken for cell in row)]

    def markdown(self) -> str:
        header, *rows = (_line(row) for row in self.rows)
        lines = [header, "|---" * len(self.rows[0]) + "|", *rows]
        held = f"{len(self.broken)} of {len(rows)} rows break this." if self.broken else "This holds."
        heading = f"### {self.table.title}\n\n{self.table.explanation}"
        return f"{heading}\n\n" + "\n".join(lines) + f"\n\nPromised: {self.table.promise} {held}\n"


def _line(row: Row) -> str:
    return f"| {' | '.join(map(str, row))} |"
