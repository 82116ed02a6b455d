"""SQL as peewee writes it, in less time, because pages spend a good part of theirs on writing it."""

from typing import Any

from peewee import SCOPE_VALUES, Context, Field


class QuickContext(Context):
    """Writes the name of a column in one step instead of ten. Most of a statement are columns."""

    __slots__ = ()

    def sql(self, part: Any) -> Any:  # noqa: ANN401 - peewee's signature
        if not isinstance(part, Field) or type(part).__sql__ is not Field.__sql__:
            return super().sql(part)  # type: ignore[no-untyped-call] # its stub has no types
        column = part.column
        opening, closing = self.state.quote
        name = f"{opening}{column.name}{closing}"
        if self.state.scope == SCOPE_VALUES:
            return self.literal(name)
        return self.literal(f"{opening}{self.alias_manager[column.source]}{closing}.{name}")
