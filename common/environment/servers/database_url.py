"""DATABASE_URL, read as SQLAlchemy, Django and libpq write it. Other texts are refused with the right spelling.

Messages show a path, and never a URL of a server, which may hold a password.
"""

import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from marshmallow import ValidationError, fields

FORMS = (
    "Use sqlite:///folder/gait.db for a file below the working folder, sqlite:////folder/gait.db for an absolute path, "
    "or postgresql://user:password@host/name."
)
SCHEME = re.compile(r"(?P<scheme>[a-z0-9]+)(\+[a-z0-9]+)?://(?P<rest>.*)", re.IGNORECASE | re.DOTALL)
"""A URL. What follows + is SQLAlchemy's name of a driver, which does not matter here."""
POSTGRESQL = ("postgresql", "postgres")
PATH_ALONE = re.compile(r"((sqlite3?|file)(\+\w+)?:)?(?P<path>[^:@?#=]+)([?#].*)?", re.IGNORECASE | re.DOTALL)
"""A path without the two slashes of a URL or with another program's scheme: sqlite:/x, sqlite3:///x, file:x, x."""
WRONG_PART = "The URL has a wrong part. Write special characters in its password as %XX, / as %2F and @ as %40."
HOST = re.compile(r"(\[[0-9a-f:.%a-z]*\]|[^\[\]:@?#]*)(:(?P<port>[0-9]*))?", re.IGNORECASE)
MAX_PORT = 65535
BROKEN_ESCAPE = re.compile("%(?![0-9a-f]{2})", re.IGNORECASE)


def database_url(text: str) -> str:
    """Return `sqlite:///` and the path of a file, without escapes, or the URL of a PostgreSQL for libpq.

    Raises:
        ValueError: if it is neither, with a sentence that says what to write.
    """
    found = SCHEME.fullmatch(text)
    scheme = found["scheme"].lower() if found else ""
    if found and scheme == "sqlite":
        return f"sqlite:///{_path(found['rest'])}"
    if found and scheme in POSTGRESQL:
        return f"postgresql://{_checked(found['rest'])}"
    raise ValueError(_refusal(text, scheme))


def _refusal(text: str, scheme: str) -> str:
    """Return what to write instead of a text that begins with neither sqlite:// nor postgresql://."""
    if "host=" in text or "dbname=" in text:
        return f"This is libpq's list of parameters. {FORMS}"
    if text.lower().startswith("jdbc:"):
        return f"Leave out jdbc:. {FORMS}"
    path = PATH_ALONE.fullmatch(text) if scheme in {"", "file", "sqlite3"} else None
    if path is None:
        return f"The URL must begin with sqlite:/// or postgresql://, the databases that Gait can use. {FORMS}"
    is_file_url = text.lower().startswith("file:")
    found = re.sub("^/+", "/", path["path"]) if is_file_url else path["path"]
    return f"The URL must begin with sqlite:/// or postgresql://. {_suggestion(found)}"


def _path(rest: str) -> str:
    """Return the path of an SQLite file: relative after the third slash, absolute after the fourth."""
    if ":memory:" in rest or not rest.strip("/"):
        raise ValueError(f"The URL must name a file, because several processes share the database. {FORMS}")
    if not rest.startswith("/"):
        raise ValueError(f"The path comes after a third slash. {_suggestion(rest.partition('?')[0])}")
    if "?" in rest or "#" in rest:
        raise ValueError("A URL of SQLite has no parameters. Leave out what follows ? or #, or write %3F or %23.")
    path = _expanded(_unescaped(rest.removeprefix("/")))
    if path.endswith("/"):
        raise ValueError(f"The URL names a folder. Add the name of a file: sqlite:///{path}gait.db.")
    return path


def _unescaped(path: str) -> str:
    if BROKEN_ESCAPE.search(path):
        raise ValueError("The path has a % that begins no escape. Write it as %25.")
    try:
        found = unquote(path, errors="strict")
    except UnicodeDecodeError as error:
        raise ValueError("The path has escapes that are not UTF-8.") from error
    if not found.isprintable():
        raise ValueError("The path has control characters. Leave them out.")
    if found != path and Path(path).exists() and not Path(found).exists():  # earlier releases read no escapes
        raise ValueError(f"The file {path} exists, and {found} does not. Write % in its name as %25.")
    return found


def _expanded(path: str) -> str:
    """Replace a leading ~, which no shell replaces within a URL, by the folder of the user."""
    if re.search(r"\$\w|\$\{", path):
        raise ValueError("The path has a variable, which nothing replaces here. Write its value.")
    try:
        return str(Path(path).expanduser()) + ("/" if path.endswith("/") else "") if path.startswith("~") else path
    except RuntimeError as error:
        raise ValueError("The folder that ~ stands for is unknown. Write the whole path.") from error


def _suggestion(path: str) -> str:
    """Return the right spelling of a path, and that of the other kind if the slashes leave it open."""
    absolute, relative = f"sqlite:////{path.lstrip('/')}", f"sqlite:///{path.lstrip('/')}"
    if "@" in path:  # it may be an address with a password
        return FORMS
    if path.startswith("~"):
        return f"Write {relative}."
    if len(path) - len(path.lstrip("/")) in {1, 4}:
        return f"Write {absolute}."
    return f"Write {relative} for a file below the working folder, or {absolute} for an absolute path."


def _checked(rest: str) -> str:
    """Return the address of a server if its parts are where libpq looks for them: a password could end up elsewhere."""
    authority, _, path = rest.partition("/")
    user, _, hosts = authority.rpartition("@")
    parts = [HOST.fullmatch(host) for host in hosts.partition("?")[0].split(",")]
    if not all(part and int(part["port"] or 1) <= MAX_PORT for part in parts):
        raise ValueError(WRONG_PART)
    if re.search("[@?#]", user) or "#" in rest or "@" in path.partition("?")[0] or BROKEN_ESCAPE.search(rest):
        raise ValueError(WRONG_PART)
    return rest


class DatabaseUrl(fields.String):
    """DATABASE_URL in the spelling that common/store/database.py expects."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:  # noqa: ANN401 - as in marshmallow
        try:
            return database_url(super()._deserialize(value, attr, data, **options))
        except ValueError as error:
            raise ValidationError(str(error)) from error
