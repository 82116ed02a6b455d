"""`gait export`, `gait import`: sessions as files."""

import sys
from pathlib import Path
from typing import IO

import click

from cli.errors import WrongUsage
from cli.invocation import ApiCommand, Invocation, current
from cli.session_names import session_id
from common.escaped import escaped

WHOLE = "document"
ALL = "all"


@click.command("export", cls=ApiCommand)
@click.argument("session")
@click.option(
    "--format",
    "-f",
    "form",
    default=WHOLE,
    show_default=True,
    help="A format of docs/exports.md, such as csv, markdown, html or parquet.",
)
@click.option(
    "--output",
    "-o",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write. Default: the standard output.",
)
@current
def export_session(gait: Invocation, session: str, form: str, output: Path | None) -> None:
    """Write a session to a file, or the results of all sessions if SESSION is `all`."""
    path = "/test-results" if session == ALL else f"/test-sessions/{session_id(gait.client, session)}/export"
    parts = gait.client.download(path, format=form)
    if output is None:
        if form == "parquet" and sys.stdout.isatty():
            raise WrongUsage("Parquet is not text. Name a file: --output results.parquet")
        for part in parts:
            sys.stdout.buffer.write(part)
        return
    partial = output.with_name(f"{output.name}.part")
    with partial.open("wb") as file:
        file.writelines(parts)
    partial.replace(output)
    gait.say(f"Wrote {output}")


@click.command("import", cls=ApiCommand)
@click.argument("file", type=click.File("rb"))
@current
def import_session(gait: Invocation, file: IO[bytes]) -> None:
    """Store a session that `gait export SESSION` wrote, also at another Gait. FILE may be - for the standard input."""
    answer = gait.client.upload("/test-sessions/import", file)
    gait.show(answer, lambda shown: [escaped(f"{shown['message']} To see it: gait show {shown['sessionId']}")])
