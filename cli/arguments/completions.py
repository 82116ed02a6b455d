"""What a shell proposes for an argument, from the server that is configured."""

from collections.abc import Callable, Iterable

import click
from click.shell_completion import CompletionItem

from cli.server.client import Client
from cli.server.configuration import connection
from common.errors import GaitError

RECENT = 20
Complete = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


def _from_server(proposals: Callable[[Client], Iterable[tuple[str, str]]]) -> Complete:
    """Return a completion by these words, each with its meaning. Without a server there is none, and no message."""

    def complete(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
        try:
            found = list(proposals(Client(connection(None, None))))
        except GaitError:
            return []
        return [CompletionItem(word, help=meaning) for word, meaning in found if word.startswith(incomplete)]

    return complete


def _sessions(client: Client) -> Iterable[tuple[str, str]]:
    yield "latest", "the newest session"
    for session in client.get("/test-sessions", limit=RECENT, results=False)["sessions"]:
        yield session["id"], session["name"] or ", ".join(session["models"])


def _models(client: Client) -> Iterable[tuple[str, str]]:
    return ((model["name"], ", ".join(model["tags"])) for model in client.get("/models")["models"])


session_names = _from_server(_sessions)
model_names = _from_server(_models)
