"""Names of sessions on the command line: an id, the beginning of one, a name, or `latest`."""

import re
from uuid import UUID

from cli.errors import WrongUsage
from cli.server.client import Client
from common.values.escaped import escaped

LATEST = "latest"
MIN_PREFIX = 4
PREFIX = re.compile(rf"[0-9a-f-]{{{MIN_PREFIX},36}}", re.IGNORECASE)
SHOWN = 5


def session_id(client: Client, reference: str, *, only_one: bool = False) -> str:
    """Return the id of the session that is meant. Of several with one name it is the newest, unless `only_one`.

    Raises:
        WrongUsage: if there is none, or if several are meant.
    """
    exact = _uuid(reference)
    if exact:
        return exact
    if reference == LATEST:
        return _latest(client)
    named, begun = _matches(client, reference)
    if len(named) > 1 and only_one:
        raise WrongUsage(f"{len(named)} sessions are called {reference}. {_choose(named)}")
    if named:
        return named[0]
    if len(begun) > 1:
        raise WrongUsage(f"{len(begun)} ids begin with {reference}. {_choose(begun)}")
    if not begun:
        raise WrongUsage(
            f"No session is called {escaped(reference)}, and no id begins with it. `gait list` shows the sessions."
        )
    return begun[0]


def _uuid(text: str) -> str | None:
    try:
        return str(UUID(text))
    except ValueError:
        return None


def _latest(client: Client) -> str:
    newest = client.get("/test-sessions", limit=1, results=False)["sessions"]
    if not newest:
        raise WrongUsage("There is no session yet. Submit one, as in: gait run MODEL")
    return str(newest[0]["id"])


def _matches(client: Client, reference: str) -> tuple[list[str], list[str]]:
    """Return the ids of the sessions with this name, and those that begin so, the newest first."""
    found = list(client.listed("/test-sessions", "sessions", search=reference, results=False))
    named = [each["id"] for each in found if each["name"] == reference]
    is_prefix = PREFIX.fullmatch(reference) is not None
    return named, [each["id"] for each in found if is_prefix and each["id"].startswith(reference.lower())]


def _choose(ids: list[str]) -> str:
    more = f", and {len(ids) - SHOWN} more" if len(ids) > SHOWN else ""
    return f"Name one of them by its id: {', '.join(ids[:SHOWN])}{more}."
