"""A demonstration: a real session on this machine, run through the API."""

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn

from common.catalogue.effort import DESCRIPTIONS, Effort
from common.environment.settings import settings
from common.escaped import escaped
from common.free_json import Json
from local.client import Client, configured_keys
from local.ports import free_port, is_free
from local.results import failures, findings, table
from local.stack import Stack, address, database, running, stack

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


def demo() -> int:
    """Run the session and print its results. Return 1 if a test failed, else 0."""
    console = Console(highlight=False, markup=False)  # names and errors are others' text
    with _stack(console) as used:
        client = Client(used.url, configured_keys())
        model = _smallest(client.models())
        console.print(f"\nMeasuring {escaped(model)}: {', '.join(OPTIONS)}")
        console.print(f"Effort: {EFFORT}, {DESCRIPTIONS[EFFORT]}\n")
        session = _measure(client, model, used, console)
    failed = failures(session)
    _print_results(session, failed, console)
    return 1 if failed else 0


def _print_results(session: Json, failed: list[str], console: Console) -> None:
    console.print()
    console.print(table(session))
    console.print()
    for sentence in findings(session):
        console.print(escaped(sentence))
    console.print()
    for line in failed:
        console.print(escaped(line), style="red")
    console.print(f"Database: {database()}")
    console.print("Its page, while make run keeps Gait up:")
    console.print(f"{address(settings().host, settings().port)}/sessions/{session['id']}", soft_wrap=True)


@contextmanager
def _stack(console: Console) -> Iterator[Stack]:
    """Use the stack that already runs in this folder, else start one."""
    existing = running()
    if existing:
        console.print(f"The demo uses the Gait that already runs at {existing.url}")
        yield existing
        return
    config = settings()
    port = config.port if is_free(config.host, config.port) else free_port(config.host)
    with contextlib.ExitStack() as contexts:
        with console.status("Starting"):
            started = contexts.enter_context(stack(port, console.print))
        console.print(f"Gait:   {started.url}")
        yield started


def _smallest(models: list[Json]) -> str:
    """Return the smallest model that writes text, which is the quickest to measure."""
    writers = [model for model in models if COMPLETION in model["tags"]] or models
    return str(min(writers, key=lambda model: int(model["size"]))["name"])


def _measure(client: Client, model: str, used: Stack, console: Console) -> Json:
    session_id = client.submit(
        {
            "models": [model],
            "testTypes": list(OPTIONS),
            "options": OPTIONS,
            "effort": EFFORT,
            "name": "make demo",
            "tags": ["demo"],
        }
    )
    try:
        with _bars(console) as bars:
            tasks = {name: bars.add_task(name, total=100, phase="waiting") for name in OPTIONS}
            for message in client.watch(session_id, used.check):
                _show(message, bars, tasks)
    except KeyboardInterrupt:
        with contextlib.suppress(Exception):  # without this, the session would continue at the next start
            client.cancel(session_id)
        raise
    return client.session(session_id)


def _bars(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description:<11}"),
        BarColumn(bar_width=30),
        TaskProgressColumn(),
        TextColumn("{task.fields[phase]}", markup=False),
        console=console,
    )


def _show(message: Json, bars: Progress, tasks: dict[str, TaskID]) -> None:
    task = tasks.get(message["testType"])
    if task is None:  # a message about the whole session
        return
    phase = escaped(message.get("error") or message["phase"])
    bars.update(task, completed=100 if message["type"] == "complete" else message["progress"], phase=phase)
