"""`gait admin migrate`: the tables of the database, brought up to date without starting a process."""

import logging
from pathlib import Path

import click
from peewee import PeeweeException

from cli.admin.backup import sqlite_file
from cli.admin.output import answer, as_json
from cli.exit_codes import ExitCode
from common.environment.settings import settings
from common.errors import Unavailable
from common.store.connections import schema
from common.store.connections.availability import Sqlite
from common.store.database import database, initialise, open_database


@click.command()
@click.option("--check", is_flag=True, help="Change nothing. Exit with 1 if a migration is missing.")
@click.option("--back-to", metavar="MIGRATION", help="Undo all later ones, for the release that ended with it.")
@as_json
def migrate(*, check: bool, back_to: str | None, as_json: bool) -> ExitCode:
    """Apply the migrations that the database lacks.

    Each process does so when it starts. In a large database that takes minutes, which is better done before the API is
    replaced. Copy the database first.
    """
    logging.basicConfig(level=logging.INFO, format="%(message)s")  # how far it is, to standard error
    if back_to:
        undone = _undone(back_to)
        answer({"undone": undone}, f"Undone: {', '.join(undone) or 'none'}.", as_json=as_json)
        return ExitCode.DONE
    missing = pending(settings().database_url)
    if not check and missing:
        open_database(settings().database_url)
        database.close()
    document = {"pending": missing if check else [], "applied": [] if check else missing}
    answer(document, _sentence(missing, check=check), as_json=as_json)
    return ExitCode.FAILED if check and missing else ExitCode.DONE


def _undone(last: str) -> list[str]:
    initialise(settings().database_url)
    with database.connection_context():
        return schema.revert(database.obj, last)


def _sentence(missing: list[str], *, check: bool) -> str:
    if not missing:
        return "The database is up to date."
    return f"{'Missing' if check else 'Applied'}: {', '.join(missing)}."


def pending(url: str) -> list[str]:
    """Return the migrations that a database lacks, without changing it. One that does not exist lacks all.

    Raises:
        ConfigurationError: if this release cannot use the database.
        Unavailable: if it cannot be read.
    """
    file = sqlite_file(url)
    if file and not file.exists():
        return schema.all_migrations()
    try:
        return _pending(url, file)
    except (PeeweeException, OSError) as error:
        raise Unavailable(f"The database cannot be read: {error}. Check DATABASE_URL.") from error


def _pending(url: str, file: Path | None) -> list[str]:
    if file:
        schema.check_file(file)
        with Sqlite(f"{file.absolute().as_uri()}?mode=ro", uri=True) as opened:
            return schema.pending(opened)
    initialise(url)
    with database.connection_context():
        schema.check(database.obj)
        return schema.pending(database.obj)
