"""A real session on this machine, watched and read like by any client."""

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn

from common.config import settings
from local.client import Client, Json
from local.ports import free_port, is_free
from local.results import failures, findings, table
from local.stack import Stack, address, database, running, stack

COMPLETION = "completion"
"""Ollama's name for the capability to write text. Old servers report no capabilities."""

SMALL = {"minRepetitions": 3, "maxRepetitions": 5, "contextLength": 2048}
OPTIONS = {
    "cold-start": SMALL | {"maxRepetitions": 3, "promptTokens": 64, "outputTokens": 16},
    "ttft": SMALL | {"promptTokens": 64, "outputTokens": 16},
    "prefill": SMALL | {"promptTokens": 192, "outputTokens": 16},
    "decode": SMALL | {"promptTokens": 64, "outputTokens": 48},
    "concurrency": SMALL
    | {"users": [1, 2], "requestsPerUser": 1, "promptTokens": 32, "outputTokens": 16, "maxRepetitions": 3},
}


def demo() -> int:
    """Run the demo, and return the exit code: 1 if a test failed."""
    console = Console(highlight=False)
    with _gait(console) as gait:
        client = Client(gait.url, settings().api_keys)
        model = _smallest(client.models())
        console.print(f"\nMeasuring [bold]{model}[/bold]: {', '.join(OPTIONS)}\n")
        session = _measure(client, model, gait, console)
    console.print()
    console.print(table(session))
    console.print()
    for sentence in findings(session):
        console.print(sentence)
    console.print()
    failed = failures(session)
    for line in failed:
        console.print(f"[red]{line}[/red]")
    console.print(f"Database: {database()}")
    console.print("Its page, while make run is running:")
    console.print(f"{address(settings().host, settings().port)}/sessions/{session['id']}", soft_wrap=True)
    return 1 if failed else 0


@contextmanager
def _gait(console: Console) -> Iterator[Stack]:
    """Yield the stack that is already running in this folder, otherwise start one."""
    already = running()
    if already:
        console.print(f"Gait is already running at {already.url}, and the demo uses it")
        yield already
        return
    wanted = settings()
    port = wanted.port if is_free(wanted.host, wanted.port) else free_port(wanted.host)
    with contextlib.ExitStack() as started:
        with console.status("Starting"):
            own = started.enter_context(stack(port, console.print))
        console.print(f"Gait:   {own.url}")
        yield own


def _smallest(models: list[Json]) -> str:
    """Return the model that is fastest to measure: the smallest that writes text."""
    writers = [model for model in models if COMPLETION in model["tags"]] or models
    return str(min(writers, key=lambda model: int(model["size"]))["name"])


def _measure(client: Client, model: str, gait: Stack, console: Console) -> Json:
    session_id = client.submit(
        {"models": [model], "testTypes": list(OPTIONS), "options": OPTIONS, "name": "make demo", "tags": ["demo"]}
    )
    try:
        with _bars(console) as bars:
            tasks = {name: bars.add_task(name, total=100, phase="waiting") for name in OPTIONS}
            for message in client.watch(session_id, gait.check):
                _show(message, bars, tasks)
    except KeyboardInterrupt:
        with contextlib.suppress(Exception):  # the demo ends anyway; without a cancel, the session would be resumed
            client.cancel(session_id)
        raise
    return client.session(session_id)


def _bars(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description:<11}"),
        BarColumn(bar_width=30),
        TaskProgressColumn(),
        TextColumn("{task.fields[phase]}"),
        console=console,
    )


def _show(message: Json, bars: Progress, tasks: dict[str, TaskID]) -> None:
    task = tasks.get(message["testType"])
    if task is None:  # on the session as a whole
        return
    phase = message.get("error") or message["phase"]
    bars.update(task, completed=100 if message["type"] == "complete" else message["progress"], phase=phase)
