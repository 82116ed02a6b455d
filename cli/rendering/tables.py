"""Tables that fit the terminal: what matters least is left out first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from rich import box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table

from common.values.escaped import escaped

GAP = 2
"""Columns between two columns of a table: the divider of its box, which is a blank, and padding."""
UNKNOWN = "–"


@dataclass(frozen=True)
class Column:
    """A column. Those of the highest `rank` are left out first, those of rank 0 never.

    If `folds` is not 0, the column may take several lines, each of at least that many characters.
    """

    heading: str
    rank: int = 0
    justify: Literal["left", "right"] = "left"
    folds: int = 0


class FittedTable:
    """A table of lines of text, which nobody has checked, and as many of its columns as there is room for.

    Columns without any value are left out.
    """

    def __init__(self, columns: Sequence[Column], rows: Iterable[Sequence[str | None]]) -> None:
        self.columns = columns
        self.rows = [[escaped(cell) if cell else "" for cell in row] for row in rows]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        table = Table(box=box.SIMPLE_HEAD, padding=(0, GAP - 1, 0, 0), pad_edge=False, show_edge=False)
        shown = self._shown(options.max_width)
        for index in shown:
            column = self.columns[index]
            table.add_column(
                column.heading, justify=column.justify, no_wrap=not column.folds, overflow="fold", vertical="top"
            )
        for row in self.rows:
            table.add_row(*(row[index] or UNKNOWN for index in shown))
        yield table

    def _shown(self, width: int) -> list[int]:
        """Return the indexes of the columns that have a value and fit into the width together."""
        shown = [index for index in range(len(self.columns)) if not index or any(row[index] for row in self.rows)]
        while sum(self._width(index) + GAP for index in shown) - GAP > width:
            least = max(shown, key=lambda index: (self.columns[index].rank, index))
            if not self.columns[least].rank:
                break
            shown.remove(least)
        return shown

    def _width(self, index: int) -> int:
        """Return the smallest width of the column."""
        widest = max(cell_len(text) for text in (self.columns[index].heading, *(row[index] for row in self.rows)))
        return min(widest, self.columns[index].folds or widest)


def pairs(entries: Iterable[tuple[str, str | None]]) -> Table:
    """Return lines of a name and its text, without those that have none."""
    table = Table.grid(padding=(0, GAP, 0, 0))
    table.add_column(no_wrap=True, style="bold")
    table.add_column(overflow="fold")
    for name, text in entries:
        if text:
            table.add_row(name, "\n".join(map(escaped, text.splitlines())))
    return table
