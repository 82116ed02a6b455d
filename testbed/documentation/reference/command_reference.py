"""The reference of the command `gait`, from its own help."""

from collections.abc import Iterator

import click

from cli.app import app
from cli.exit_codes import ExitCode
from testbed.documentation.reference.markdown import code, one_line, table

Found = tuple[click.Context, click.Command]
AS_WRITTEN = "\b"


def summary() -> str:
    """Return a row for each command, by section."""
    root = click.Context(app, info_name="gait")
    rows = []
    for section, names in app.sections.items():
        for name in names:
            command = app.get_command(root, name)
            rows.append((section, f"[`gait {name}`](#gait-{name})", command.get_short_help_str(200) if command else ""))
    return table(("for", "command", "purpose"), rows)


def commands() -> str:
    """Return a section for each command, with those of a group below it."""
    return "\n\n".join(_section(*each) for each in walk())


def exit_codes() -> str:
    """Return the meaning of each exit code."""
    return table(("code", "meaning"), [(str(int(each)), each.description) for each in ExitCode])


def walk() -> Iterator[Found]:
    """Yield each command that can be typed, with the context that it runs in."""
    yield from _below(click.Context(app, info_name="gait"), app)


def _below(context: click.Context, group: click.Group) -> Iterator[Found]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command and not command.hidden:
            own = click.Context(command, info_name=name, parent=context)
            yield own, command
            if isinstance(command, click.Group):
                yield from _below(own, command)


def _section(context: click.Context, command: click.Command) -> str:
    depth = context.command_path.count(" ")
    synopsis = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    parts = [f"{'#' * (depth + 1)} `{context.command_path}`", f"```text\n{synopsis}\n```", _text(command)]
    rows = [(code(names), one_line(meaning)) for names, meaning in _options(context, command)]
    if rows:
        parts.append(table(("option", "meaning"), rows))
    return "\n\n".join(filter(None, parts))


def _text(command: click.Command) -> str:
    """Return the help by its paragraphs."""
    paragraphs = (command.help or "").split("\n\n")
    return "\n\n".join(_paragraph(each) for each in paragraphs)


def _paragraph(text: str) -> str:
    """Return a paragraph in one line, or as it is written if it begins with click's mark for that."""
    lines = text.splitlines()
    if AS_WRITTEN in lines:
        return "\n".join(["```text", *(line for line in lines if line != AS_WRITTEN), "```"])
    return one_line(text)


def _options(context: click.Context, command: click.Command) -> Iterator[tuple[str, str]]:
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record and record[1] and "--help" not in parameter.opts:
            yield record
