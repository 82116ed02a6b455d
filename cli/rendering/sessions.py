"""Sessions for a terminal: lists of them, and one with its results."""

from collections.abc import Iterable

from rich.console import RenderableType
from rich.text import Text

from cli.rendering.results import results
from cli.rendering.tables import Column, FittedTable, pairs
from cli.rendering.values import local_time, short_ids, short_name
from common.values.escaped import escaped
from common.values.free_json import Json

COLUMNS = [
    Column("Session"),
    Column("Submitted", 1),
    Column("Status"),
    Column("Models", folds=16),
    Column("Test types", 4, folds=16),
    Column("Name", 2, folds=10),
    Column("Tags", 3, folds=10),
    Column("Host", 5),
]


def listed(document: Json) -> Iterable[RenderableType]:
    sessions = document["sessions"]
    if not sessions:
        yield Text("No sessions match." if document["total"] == 0 else "There are no more sessions.")
        return
    ids = short_ids(each["id"] for each in sessions)
    yield FittedTable(COLUMNS, [_row(each, ids) for each in sessions])
    if document["total"] > len(sessions):
        yield Text(f"\n{len(sessions)} of {document['total']} sessions, page {document['page']}. `--page` shows more.")


def _row(session: Json, ids: dict[str, str]) -> list[str | None]:
    return [
        ids[session["id"]],
        local_time(session["date"]),
        session["phase"] if session["status"] == "running" else session["status"],
        ", ".join(map(short_name, session["models"])),
        ", ".join(session["testTypes"]),
        session["name"],
        ", ".join(session["tags"]),
        session["host"],
    ]


def whole(session: Json) -> Iterable[RenderableType]:
    """Return a session with its results."""
    yield from changed(session)
    yield Text()
    yield from results(session)


def changed(session: Json) -> Iterable[RenderableType]:
    """Return what is known of a session besides its results."""
    state = session["status"] if session["phase"] == "finished" else f"{session['status']}, {session['phase']}"
    models = [each if isinstance(each, str) else each["name"] for each in session["models"]]
    yield pairs(
        [
            ("Session", session["id"]),
            ("Name", session["name"]),
            ("Status", f"{state}: {session['message']}" if session["message"] else state),
            ("Submitted", local_time(session["date"])),
            ("Models", ", ".join(models)),
            ("Effort", session["effort"]),
            ("Tags", ", ".join(session["tags"])),
            ("Note", session.get("note")),
            ("Pinned", "yes" if session.get("pinned") else None),
            ("Pruned", _pruned(session.get("prunedAt"))),
            ("Host", session["host"]),
            ("Ollama", session.get("ollamaVersion")),
        ]
    )


def _pruned(moment: str | None) -> str | None:
    return f"its runs, readings and logs were deleted {local_time(moment)}; its metrics stay" if moment else None


def submitted(document: Json) -> Iterable[RenderableType]:
    """Return what became of a submission, and how to follow it."""
    for session in document["sessions"]:
        yield Text(f"Session {session['sessionId']} on host {escaped(session['host'])}")
    yield Text(escaped(f"{document['message'].rstrip('.')}. To follow it:"))
    yield Text(f"  gait watch {document['sessionId']}")
