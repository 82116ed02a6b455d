"""What a person sees of a running session: bars at a terminal, lines elsewhere."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn
from rich.table import Column

from cli.rendering.values import quantity, short_name
from common.catalogue.wording import point_text
from common.values.escaped import escaped
from common.values.free_json import Json

FULL = 100.0
NARROW, WIDE = 15, 30
WIDE_FROM = 70
REFRESH_HZ = 2
"""Often the machine that shows the bars is the one that is measured."""
OTHER_LINES = 6
"""Lines of the terminal that bars leave free."""
MAX_TITLE = 24

Test = tuple[str, str]


class Display(Protocol):
    """Shows the messages of a session."""

    def show(self, message: Json) -> None: ...


@contextmanager
def display(console: Console, tests: Iterable[Test]) -> Iterator[Display]:
    """Show progress on the console: of the tests, by model and type, as their messages come."""
    tests = list(tests)
    if not console.is_terminal:
        yield Lines(console, tests)
        return
    bars = Bars(console, tests)
    try:
        bars.progress.start()
        yield bars
    finally:  # also if Ctrl-C comes during the start
        bars.progress.stop()


def titles(tests: Iterable[Test]) -> dict[Test, str]:
    """Return a title for each test: its type, after the model's name if there are several models."""
    tests = list(tests)
    several = len({model for model, _ in tests}) > 1
    return {test: escaped(f"{short_name(test[0])} {test[1]}" if several else test[1]) for test in tests}


class Bars:
    """A bar for each test, and one for the session. As many are shown as the terminal has lines for."""

    def __init__(self, console: Console, tests: list[Test]) -> None:
        width = NARROW if console.width < WIDE_FROM else WIDE
        named = titles(tests)
        title = min(max(map(len, [*named.values(), "whole session"])), MAX_TITLE)
        self.progress = Progress(
            TextColumn("{task.description}", markup=False, table_column=_cut(title)),
            BarColumn(bar_width=width),
            TaskProgressColumn(),
            TextColumn("{task.fields[note]}", markup=False, table_column=_cut(None)),
            console=console,
            refresh_per_second=REFRESH_HZ,
            redirect_stdout=False,  # nothing else is printed meanwhile
            redirect_stderr=False,
        )
        self._tasks = {test: self.progress.add_task(named[test], total=FULL, note="waiting") for test in tests}
        self._whole = self.progress.add_task("whole session", total=FULL, note="")
        self._room = max(1, console.height - OTHER_LINES)
        self._fit()

    def show(self, message: Json) -> None:
        session = message["session"]
        self._update(self._whole, session["progress"], escaped(message.get("message") or _ended_tests(session)))
        task = self._tasks.get((message["modelName"], message["testType"]))
        if task is not None:
            self._update(task, FULL if message["type"] == "complete" else message["progress"], note_of(message))
            self._fit()

    def _update(self, task: TaskID, progress: float | None, note: str | None) -> None:
        self.progress.update(task, completed=progress)
        if note is not None:
            self.progress.update(task, note=note)

    def _fit(self) -> None:
        """Show the bars of tests that have not ended, and of others as far as there is room."""
        tasks = [self.progress.tasks[task] for task in self._tasks.values()]
        by_need = sorted(tasks, key=lambda task: task.finished)
        needed = {task.id for task in by_need[: self._room]}
        for task in tasks:
            task.visible = task.id in needed


class Lines:
    """A line whenever a test begins or ends, or the whole session has something to say."""

    def __init__(self, console: Console, tests: list[Test]) -> None:
        self._console, self._titles = console, titles(tests)
        self._said: dict[str, str] = {}

    def show(self, message: Json) -> None:
        test = (message["modelName"], message["testType"])
        if message["modelName"]:
            note = message["phase"] if message["type"] == "progress" else note_of(message)
            title = self._titles.get(test) or escaped(" ".join(test))
        else:
            note, title = escaped(message.get("message") or message["phase"]), "session"
        if self._said.get(title) != note:
            self._said[title] = note
            self._console.print(f"{title}: {note}", soft_wrap=True)


def _ended_tests(session: Json) -> str:
    if "totalTests" not in session:
        return ""
    failed = session.get("failedTests")  # which workers of an earlier release do not send
    return f"{session['completedTests']} of {session['totalTests']} tests{f', {failed} failed' if failed else ''}"


def note_of(message: Json) -> str:
    """Return what a message says of its test: its error, its result, or what it does now."""
    if message["type"] == "error":
        return escaped(message.get("error") or "failed")
    if message["type"] == "complete":
        return result_of(message.get("metrics") or {})
    parts = [message["phase"], point_text(message.get("point"))]
    if message.get("repetition"):
        parts.append(f"run {message['repetition']}")
    return escaped(", ".join(filter(None, parts)))


def result_of(metrics: Json) -> str:
    headline = metrics.get("headline")
    if not headline:
        return "done"
    return quantity(metrics.get(headline["name"]), headline["unit"])


def _cut(width: int | None) -> Column:
    return Column(no_wrap=True, overflow="ellipsis", width=width)
