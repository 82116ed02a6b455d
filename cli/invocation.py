"""One call of the command line: its options of the server and the output, and what they lead to."""

import json
import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import click
from rich.console import Console, RenderableType

from cli.server.client import Client
from cli.server.configuration import connection
from common.values.free_json import Json

MIN_WIDTH = 40


@dataclass
class Invocation:
    """What the options say that every command has."""

    url: str | None = None
    api_key: str | None = None
    as_json: bool = False

    @cached_property
    def client(self) -> Client:
        return Client(connection(self.url, self.api_key))

    @cached_property
    def out(self) -> Console:
        """The console of results. Names and errors are others' text, so nothing in them is markup."""
        return console()

    @cached_property
    def notes(self) -> Console:
        """The console of what is not the result: progress, advice, questions."""
        return console(stderr=True)

    @property
    def can_ask(self) -> bool:
        """Return whether a person is at the terminal to answer a question."""
        return sys.stdin.isatty() and self.notes.is_terminal and not os.environ.get("CI")

    def show(self, document: Json, rendered: Callable[[Json], Iterable[RenderableType]]) -> None:
        """Print the API's answer as JSON, or as it is rendered for people."""
        if self.as_json:
            print_json(document)
            return
        with self.out.capture() as printed:
            self.out.print(*rendered(document), sep="\n")
        text = printed.get()
        # Tables are filled with blanks, which are of no use to other programs.
        sys.stdout.write(text if self.out.is_terminal else "".join(f"{line.rstrip()}\n" for line in text.splitlines()))

    def say(self, text: str) -> None:
        """Print a sentence that is not the result, and break its lines only for a terminal."""
        self.notes.print(text, soft_wrap=not self.notes.is_terminal)


def console(*, stderr: bool = False) -> Console:
    made = Console(stderr=stderr, highlight=False, markup=False, emoji=False)
    made.width = max(made.width, MIN_WIDTH)
    return made


def print_json(document: object) -> None:
    """Print in ASCII, which every terminal and program reads alike."""
    click.echo(json.dumps(document, indent=2))


current = click.make_pass_decorator(Invocation, ensure=True)


def _keep(context: click.Context, parameter: click.Parameter, value: object) -> None:
    if value:
        setattr(context.ensure_object(Invocation), str(parameter.name), value)


def server_options() -> list[click.Parameter]:
    """Return the options of the server and its key, for each command that uses it and for `gait` itself."""
    return [
        click.Option(
            ["--url"],
            expose_value=False,
            callback=_keep,
            help="The server. Default: GAIT_URL, the configuration file, or http://127.0.0.1:8000.",
        ),
        click.Option(
            ["--api-key"],
            expose_value=False,
            callback=_keep,
            help="The server's key. Others on this machine can see it here, so set GAIT_API_KEY instead.",
        ),
    ]


def json_option() -> click.Parameter:
    return click.Option(
        ["--json", "as_json"],
        is_flag=True,
        expose_value=False,
        callback=_keep,
        help="Print the API's answer as JSON, and nothing else.",
    )


class ApiCommand(click.Command):
    """A command that calls the API."""

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - as in click
        super().__init__(*arguments, **options)
        self.params += [json_option(), *server_options()]
