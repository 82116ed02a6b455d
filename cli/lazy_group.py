"""A group of commands that are imported when they are used, and listed in sections."""

import importlib
from collections.abc import Mapping
from typing import cast

import click

Sections = Mapping[str, Mapping[str, str]]
"""By heading: the commands by name, each with its module and its name there, as in `cli.commands.run:run`."""


class LazyGroup(click.Group):
    """A group whose commands are named here and live in modules of their own."""

    def __init__(self, name: str, sections: Sections, **options: object) -> None:
        super().__init__(name, **options)  # type: ignore[arg-type] # click's own options
        self.sections = sections
        self._places = {name: place for section in sections.values() for name, place in section.items()}

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*self._places, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self._places:
            return super().get_command(ctx, cmd_name)
        module, _, attribute = self._places[cmd_name].partition(":")
        return cast("click.Command", getattr(importlib.import_module(module), attribute))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands under the headings of their sections."""
        width = max(map(len, self.list_commands(ctx)), default=0)
        for heading, places in self.sections.items():
            commands = [(name.ljust(width), self.get_command(ctx, name)) for name in places]
            rows = [(name, command.get_short_help_str(limit=100)) for name, command in commands if command]
            if rows:
                with formatter.section(heading):
                    formatter.write_dl(rows)
