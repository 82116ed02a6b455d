"""Alternatives: what a comparison is about, each a column of its tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from api.conclusions.comparisons.columns import Column, is_by_session
from api.conclusions.comparisons.words import titles


@dataclass(frozen=True)
class Alternative:
    """A session or a machine with its models, or one model of it.

    `title` says in what it differs from the others. `columns` are by the row that they are in: the name of the model if
    sessions are compared, otherwise empty.
    """

    title: str
    columns: Mapping[str, Column]

    @property
    def first(self) -> Column:
        return next(iter(self.columns.values()))

    @property
    def letters(self) -> list[str]:
        return [column.letter for column in self.columns.values()]


def alternatives(shown: Sequence[Column]) -> list[Alternative]:
    """Return the alternatives of these columns, in their order."""
    if not is_by_session(shown):
        return [Alternative(title, {"": column}) for title, column in zip(_of_models(shown), shown, strict=True)]
    sources = {column.source: column.session for column in shown}
    is_of_machines = any(column.machine for column in shown)
    named = list(sources) if is_of_machines else titles.of_sessions(list(sources.values()))
    return [
        Alternative(title, {column.model["name"]: column for column in shown if column.source == source})
        for title, source in zip(named, sources, strict=True)
    ]


def _of_models(shown: Sequence[Column]) -> list[str]:
    models = [column.model["name"] for column in shown]
    machines = [column.machine for column in shown if column.machine]
    if not machines:
        return titles.of_models([(column.model["name"], column.session) for column in shown])
    if len(set(machines)) == 1:
        return models
    return [f"{model}, {machine}" for model, machine in zip(models, machines, strict=True)]


@dataclass(frozen=True)
class Names:
    """The names of columns in sentences: `titles` and `rows` of their alternatives, by the columns' letters."""

    titles: Mapping[str, str]
    rows: Mapping[str, str]

    @cached_property
    def _several_rows(self) -> bool:
        return len(set(self.rows.values())) > 1

    def full(self, letter: str) -> str:
        """Return a name that no other column has, such as `qwen3:8b, 27 Nov`."""
        return ", ".join(filter(None, (self.row(letter), self.titles[letter])))

    def row(self, letter: str) -> str:
        """Return the row of a column, empty if all are in one."""
        return self.rows[letter] if self._several_rows else ""

    def pair(self, against: str, letter: str) -> tuple[str, str]:
        """Return the names of a column and of the one it is compared with, first that, without the row of both."""
        if self.rows[against] == self.rows[letter]:
            return self.titles[against], self.titles[letter]
        return self.full(against), self.full(letter)

    def subject(self, against: str, letter: str, title: str) -> str:
        """Return what two columns are compared in, with their row if it is the same."""
        row = self.row(letter) if self.rows[against] == self.rows[letter] else ""
        return ", ".join(filter(None, (row, title)))


def names(found: Sequence[Alternative]) -> Names:
    columns = [(column.letter, one.title, row) for one in found for row, column in one.columns.items()]
    return Names({letter: title for letter, title, _ in columns}, {letter: row for letter, _, row in columns})
