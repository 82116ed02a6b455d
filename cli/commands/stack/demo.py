"""`gait demo`: a real session on this machine, run through the API."""

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager

import click

from cli.commands.stack.up import asking, data_option, wait_for_ctrl_c
from cli.commands.watching import follow
from cli.errors import CommandError
from cli.exit_codes import ExitCode
from cli.invocation import Invocation, current, json_option
from cli.progress.ctrl_c import ctrl_c
from cli.rendering.results import failed, results
from cli.server.client import Client
from cli.server.configuration import Connection
from common.catalogue.effort import DESCRIPTIONS, Effort
from common.environment.settings import settings
from common.values.escaped import escaped
from common.values.free_json import Json
from local.browser import open_page
from local.dialogue import ask_nobody
from local.ports import free_port, is_free
from local.readiness import configured_key
from local.stack import Stack, address, database, running, stack
from local.stop_signals import stopping

COMPLETION = "completion"
"""Ollama's name for the capability to write text. Old servers report no capabilities."""

EFFORT = Effort.QUICK
SMALL = {"contextLength": 2048}
OPTIONS = {
    "cold-start": SMALL | {"promptTokens": 64, "outputTokens": 16},
    "ttft": SMALL | {"promptTokens": 64, "outputTokens": 16},
    "prefill": SMALL | {"promptTokens": 192, "outputTokens": 16},
    "decode": SMALL | {"promptTokens": 64, "outputTokens": 48},
    "concurrency": SMALL
    | {"users": [1, 2], "durationSeconds": 3, "requestsPerUser": 3, "promptTokens": 64, "outputTokens": 16},
}


@click.command(params=[data_option(), json_option()])
@click.option("--exit", "exits", is_flag=True, help="Ask nothing, and stop everything at the end.")
@current
def demo(gait: Invocation, *, exits: bool) -> int:
    """Run a real session on this machine, and show its results.

    At a terminal it then opens the page of the results, and keeps Gait up until Ctrl-C. Elsewhere, in CI, and with
    --exit it stops everything. It uses the Gait that `gait up` keeps running, or else starts one.
    """
    stays = gait.can_ask and not (exits or gait.as_json)
    with stopping(gait.say), _stack(gait, asks=stays) as used:
        gait.client = Client(Connection(used.url, configured_key()))
        model = _smallest(gait.client.get("/models")["models"])
        gait.say(f"\nMeasuring {escaped(model)}: {', '.join(OPTIONS)}\nEffort: {EFFORT}, {DESCRIPTIONS[EFFORT]}\n")
        session = _measure(gait, model, used)
        gait.say("")
        gait.show(session, results)
        if stays:
            _show_page(gait, used, session)
    if not stays:
        _say_how_to_see_it(gait, session)
    return ExitCode.FAILED if failed(session) else ExitCode.DONE


@contextmanager
def _stack(gait: Invocation, *, asks: bool) -> Iterator[Stack]:
    """Use the stack that already runs with this folder of data, else start one."""
    existing = running()
    if existing:
        gait.say(f"The demo uses the Gait that already runs at {existing.url}")
        yield existing
        return
    config = settings()
    port = config.port if is_free(config.host, config.port) else free_port(config.host)
    with contextlib.ExitStack() as contexts:
        with gait.notes.status("Starting") as status:
            ask = asking(status) if asks else ask_nobody
            started = contexts.enter_context(stack(port, gait.say, ask))
        gait.say(f"Gait:   {started.url}")
        yield started


def _smallest(models: list[Json]) -> str:
    """Return the smallest model that writes text, which is the quickest to measure."""
    if not models:
        raise CommandError("Ollama has no model to measure. Fetch one, as in: ollama pull llama3.2:1b")
    writers = [model for model in models if COMPLETION in model["tags"]] or models
    return str(min(writers, key=lambda model: int(model["size"]))["name"])


def _measure(gait: Invocation, model: str, used: Stack) -> Json:
    body = {"models": [model], "testTypes": list(OPTIONS), "options": OPTIONS, "effort": EFFORT}
    session_id = gait.client.submit_one({**body, "name": "demo", "tags": ["demo"]})
    try:
        with ctrl_c() as presses:
            return follow(gait, session_id, presses, used.check)
    except (KeyboardInterrupt, OSError):  # the second if the terminal has gone
        with contextlib.suppress(Exception):  # without this, the session would continue at the next start
            gait.client.cancel(session_id)
        raise


def _show_page(gait: Invocation, used: Stack, session: Json) -> None:
    """Open the page of the results, which would have disturbed the measurement, and keep a Gait of our own up."""
    page = f"{used.url}/sessions/{session['id']}"
    gait.notes.print(f"\nDatabase:  {database()}", soft_wrap=True)
    gait.notes.print(f"Page:      {page}", soft_wrap=True)
    if open_page(page):
        gait.say("It is open in your browser.")
    if used.processes:
        gait.say("\nGait stays up. Ctrl-C stops everything")
        wait_for_ctrl_c(used)


def _say_how_to_see_it(gait: Invocation, session: Json) -> None:
    gait.say(f"\nDatabase: {database()}\nTo see it again: gait up, and then in another terminal: gait show")
    gait.say(f"Its page is then {address(settings().host, settings().port)}/sessions/{session['id']}")
