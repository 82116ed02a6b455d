"""`gait export`, `gait import`: sessions as files."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import IO

import click

from cli.arguments.completions import session_names
from cli.arguments.session_names import session_id
from cli.errors import WrongUsage
from cli.invocation import ApiCommand, Invocation, current
from common.values.escaped import escaped

ALL = "all"
FORMATS = (
    "document (for `gait import`), json, html, markdown, csv, jsonl, parquet, benchstat, llama-bench-csv, and more"
)
BINARY = "parquet"


@click.command("export", cls=ApiCommand)
@click.argument("session", shell_complete=session_names)
@click.option("--format", "-f", "form", help=f"{FORMATS}. Default: document; csv for `all`.")
@click.option(
    "--output", "-o", type=click.Path(dir_okay=False, path_type=Path), help="A file. Default: standard output."
)
@click.option("--model", "modelName", help="With `all`: only results of this model.")
@click.option("--test-type", "-t", "testType", help="With `all`: only results of this test type.")
@current
def export_session(
    gait: Invocation, /, session: str, form: str | None, output: Path | None, **filters: str | None
) -> None:
    """Write a session as a file, or the results of all sessions if SESSION is `all`."""
    if session == ALL:
        parts = gait.client.download("/test-results", format=form or "csv", **filters)
    elif any(filters.values()):
        raise WrongUsage(f"--model and --test-type choose from the results of `gait export {ALL}`.")
    else:
        path = f"/test-sessions/{session_id(gait.client, session)}/export"
        parts = gait.client.download(path, format=form or "document")
    if output is None:
        _print(parts, form)
    else:
        _write(parts, output)
        gait.say(f"Wrote {output}")


def _print(parts: Iterable[bytes], form: str | None) -> None:
    if form == BINARY and sys.stdout.isatty():
        raise WrongUsage("Parquet is not text. Name a file: --output results.parquet")
    for part in parts:
        sys.stdout.buffer.write(part)
    sys.stdout.buffer.flush()


def _write(parts: Iterable[bytes], output: Path) -> None:
    """Write the file, which is there only once it is whole."""
    partial = output.with_name(f"{output.name}.part")
    try:
        with partial.open("wb") as file:
            file.writelines(parts)
        partial.replace(output)
    except OSError as error:
        raise WrongUsage(f"{output} cannot be written: {error.strerror}. Name another file.") from error
    finally:
        partial.unlink(missing_ok=True)


@click.command("import", cls=ApiCommand)
@click.argument("file", type=click.File("rb"))
@current
def import_session(gait: Invocation, file: IO[bytes]) -> None:
    """Import a session that `gait export` has written, here or elsewhere. FILE may be - for the standard input."""
    answer = gait.client.upload("/test-sessions/import", file)
    gait.show(answer, lambda shown: [escaped(f"{shown['message']} To see it: gait show {shown['sessionId']}")])
