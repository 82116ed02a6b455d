"""The server and the key: from options, from GAIT_URL and GAIT_API_KEY, or from the user's configuration file."""

import json
import os
import stat
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from cli.errors import WrongUsage
from common.environment.servers.addresses import clean
from common.environment.variables import Environment
from common.values.partial_file import partial

DEFAULT_URL = "http://127.0.0.1:8000"
API = "/api/v1"
URL, API_KEY = "GAIT_URL", "GAIT_API_KEY"
KNOWN = ("url", "api_key")
OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True)
class Connection:
    """A server and the key for it, and where each was configured."""

    url: str = field(repr=False)  # may hold a password
    key: str | None = field(repr=False, default=None)
    url_from: str = "--url"
    key_from: str | None = None

    @property
    def shown(self) -> str:
        """The URL without the name and the password for a proxy in front of Gait."""
        parts = urlsplit(self.url)
        return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def connection(url: str | None, key: str | None, variables: Mapping[str, str] | None = None) -> Connection:
    """Return what the options `url` and `key`, the environment and the file say, in this order.

    The file's key is for the file's server, and never sent to another one.

    Raises:
        WrongUsage: if the URL cannot be one, or the file cannot be used.
        ConfigurationError: if a file that a variable names cannot be read.
    """
    environment = Environment(os.environ if variables is None else variables)
    path = file_path(environment)
    stored = read(path)
    url, url_from = _first((url, "--url"), (environment.get(URL), URL), (stored.get("url"), str(path)))
    address = _address(url or DEFAULT_URL, url_from or "the default")
    same_server = "url" not in stored or _address(stored["url"], str(path)) == address
    stored_key = stored.get("api_key") if same_server else None
    key, key_from = _first((key, "--api-key"), (environment.secret(API_KEY), API_KEY), (stored_key, str(path)))
    if key and not key.isprintable():
        raise WrongUsage(f"The key from {key_from} has characters that no key has. Write it again.")
    return Connection(address, key, url_from or "the default", key_from)


def file_path(environment: Environment | None = None) -> Path:
    """Return the place of the configuration file, by the XDG Base Directory Specification."""
    folder = (environment or Environment(os.environ)).get("XDG_CONFIG_HOME")
    return (Path(folder) if folder and Path(folder).is_absolute() else Path.home() / ".config") / "gait" / "config.toml"


def read(path: Path) -> dict[str, str]:
    """Return the file's entries, none if there is no file.

    Raises:
        WrongUsage: if it is not as it must be, or if others can read the key in it.
    """
    try:
        text, mode = path.read_text("utf-8"), path.stat().st_mode
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise WrongUsage(f"{path} cannot be read: {error}.") from error
    entries = _entries(path, text)
    if "api_key" in entries and mode & OTHERS:
        raise WrongUsage(f"{path} holds a key, and other users can read it. Make it yours alone: chmod 600 {path}")
    return entries


def write(path: Path, changed: Mapping[str, str]) -> None:
    """Change entries of the file, which only its user can read."""
    entries = {**read(path), **changed}
    path.parent.mkdir(parents=True, exist_ok=True)
    with partial(path) as file:
        file.write_text("".join(f"{name} = {json.dumps(value)}\n" for name, value in entries.items()), "utf-8")
        file.replace(path)


def _entries(path: Path, text: str) -> dict[str, str]:
    try:
        entries = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise WrongUsage(f"{path} is not valid TOML: {error}.") from error
    for name, value in entries.items():
        if name not in KNOWN or not isinstance(value, str):
            raise WrongUsage(f'{path}: {name} is not understood. Known are url = "…" and api_key = "…".')
    return {name: clean(value) for name, value in entries.items() if clean(value)}


def _is_server(url: str) -> bool:
    try:
        parts = urlsplit(url)
        _ = parts.port  # which is checked when it is read
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and not (parts.query or parts.fragment)


def _first(*candidates: tuple[str | None, str]) -> tuple[str | None, str | None]:
    """Return the first value with its source."""
    return next(((clean(value), source) for value, source in candidates if value), (None, None))


def _address(url: str, source: str) -> str:
    """Return the server's URL without a slash or the API's path at its end."""
    if not _is_server(url):
        raise WrongUsage(f"{source}: {url} is not the URL of a server. Write it as in http://localhost:8000.")
    return url.rstrip("/").removesuffix(API).rstrip("/")
