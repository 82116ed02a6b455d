"""`gait admin keys`: the files of the API's keys."""

import os
import secrets
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from cli.admin.output import answer, as_json, say, table
from cli.errors import WrongUsage
from cli.invocation import print_json
from common.environment.keys.api_keys import digest
from common.environment.keys.key_file import WORD, KeyEntry, add, entries, remove
from common.environment.variables import Environment

BYTES = 32
NO_FILE = (
    "Nothing names a file of keys. Set {0} to one, such as /etc/gait/keys, for the API too, or use --file. Keys in {1}"
    " itself can only be changed where that variable is set."
)
RELOAD = "The API reads the file again when gunicorn gets SIGHUP (docs/operating.md, Keys)."
UNKNOWN = "–"


def _word(_context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    if value is not None and not WORD.fullmatch(value):
        raise click.BadParameter("use up to 64 letters, digits and . _ @ + -", param=parameter)
    return value


def _file(path: Path | None, *, read_only: bool) -> Path:
    if path:
        return path
    name = "READ_ONLY_KEYS" if read_only else "API_KEYS"
    named = Environment(os.environ).get(f"{name}_FILE")
    if not named:
        raise WrongUsage(NO_FILE.format(f"{name}_FILE", name))
    return Path(named)


of_file = click.option("--file", "path", type=click.Path(path_type=Path), help="Instead of the setting's file.")
for_reading = click.option("--read-only", is_flag=True, help="Keys of READ_ONLY_KEYS_FILE, which allow no change.")


@click.group()
def keys() -> None:
    """Make, list and revoke keys of the API.

    API_KEYS_FILE names the file of the keys. It holds digests, names, owners and times, and no key. It is
    replaced at once, and keeps its rights and owner.
    """


@keys.command()
@click.option("--name", required=True, callback=_word, help="What the key is for, such as `ci`.")
@click.option("--owner", callback=_word, help="Whose it is.")
@for_reading
@of_file
@as_json
def new(*, name: str, owner: str | None, read_only: bool, path: Path | None, as_json: bool) -> None:
    """Make a key, and print it. It is shown this once, because only its digest is stored."""
    key = secrets.token_urlsafe(BYTES)
    created = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    entry = KeyEntry(digest(key.encode()), name, owner, created)
    add(_file(path, read_only=read_only), entry)
    if as_json:
        print_json({"key": key, **asdict(entry)})
    else:
        click.echo(key)
    say(f"Give it to its owner; it is not shown again. {RELOAD}", err=True)


@keys.command("list")
@for_reading
@of_file
@as_json
def listing(*, read_only: bool, path: Path | None, as_json: bool) -> None:
    """List the keys of the file. `owner id` is the beginning of the digest, as in logs."""
    file = _file(path, read_only=read_only)
    if not file.is_file():
        raise WrongUsage(f"There is no file {file}. gait admin keys new makes one.")
    found = entries(file.read_text("utf-8"))
    if as_json:
        print_json({"keys": [{**asdict(entry), "id": entry.digits} for entry in found]})
        return
    rows = [[each or UNKNOWN for each in (entry.name, entry.owner, entry.created, entry.digits)] for entry in found]
    table([["name", "owner", "created", "owner id"], *rows])


@keys.command()
@click.argument("name")
@for_reading
@of_file
@as_json
def revoke(name: str, *, read_only: bool, path: Path | None, as_json: bool) -> None:
    """Revoke the key called NAME. One without a name is known by its owner id, which `list` shows."""
    removed = remove(_file(path, read_only=read_only), name)
    answer({"revoked": asdict(removed)}, f"Revoked: {removed.name or removed.digits}.", as_json=as_json)
    say(f"Until then it stays valid. {RELOAD}", err=True)
