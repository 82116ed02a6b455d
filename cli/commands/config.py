"""`gait config`: the user's configuration file."""

import sys

import click

from cli.errors import WrongUsage
from cli.invocation import Invocation, current, json_option, server_options
from cli.rendering.tables import pairs
from cli.server.configuration import API_KEY, URL, connection, file_path, write


@click.group(invoke_without_command=True, params=[json_option(), *server_options()])
@click.pass_context
def config(context: click.Context) -> None:
    """Show the server and where it and its key are configured, or change the configuration file."""
    if context.invoked_subcommand is None:
        gait = context.ensure_object(Invocation)
        server = connection(gait.url, gait.api_key)
        document = {
            "url": server.shown,
            "urlFrom": server.url_from,
            "keyFrom": server.key_from,
            "file": str(file_path()),
        }
        key = f"from {server.key_from}" if server.key else "none"
        rows = [("Server", f"{server.shown} (from {server.url_from})"), ("Key", key), ("File", document["file"])]
        gait.show(document, lambda _: [pairs(rows)])


@config.command("set-url")
@click.argument("url")
@current
def set_url(gait: Invocation, url: str) -> None:
    """Keep URL as the server, unless an option or GAIT_URL names another one."""
    address = connection(url, None, {}).url
    write(file_path(), {"url": address})
    gait.say(f"{file_path()} names the server.")


@config.command("set-key")
@current
def set_key(gait: Invocation) -> None:
    """Keep the server's key in the file, which only you can read. It is asked for, or read from a pipe."""
    key = click.prompt("Key", hide_input=True, err=True) if sys.stdin.isatty() else sys.stdin.readline()
    if not key.strip():
        raise WrongUsage("The key is empty. Nothing was changed.")
    write(file_path(), {"api_key": key.strip()})
    gait.say(f"{file_path()} holds the key. {API_KEY} and {URL} win over the file.")
