"""Storage of a document that was checked: entry by entry, and visible at the end."""

from base64 import b64decode
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from api.documents.pieces import Piece, pieces
from api.documents.reading import Outline, moment_of
from common.free_json import Json
from common.store import imports, inventories

BATCH = 20
"""Runs or log lines that are stored in one transaction, so that other writers wait for some milliseconds."""


def restore(file: BinaryIO, read: Outline, owner: str | None) -> Iterator[None]:
    """Store a checked document, yielding after each transaction so that others can work.

    Raises:
        Conflict: if its session exists.
    """
    columns = _columns(read, owner)
    kept = imports.stage(columns)
    try:
        tests: dict[int, int] = {}
        for _, _, value in _entries(file, "tests"):  # first, wherever the document has them
            tests[value["position"]] = imports.add_test(kept, *_test(value, columns))
            yield
        yield from _store_others(file, kept, tests)
        imports.publish(kept, columns, {tests[test["position"]]: test["status"] for test in read.tests})
    except BaseException:
        imports.discard(kept)
        raise


def _entries(file: BinaryIO, *names: str) -> Iterator[Piece]:
    """Yield the entries of these lists."""
    file.seek(0)
    return (piece for piece in pieces(file) if piece.name in names and piece.place is not None)


def _store_others(file: BinaryIO, kept: str, tests: Mapping[int, int]) -> Iterator[None]:
    runs, lines = list[Json](), list[Json]()
    for name, _, value in _entries(file, "runs", "logs", "readings"):
        if name == "readings":
            imports.add_readings(kept, value["start"], value["end"], b64decode(value["data"]))
        else:
            (runs if name == "runs" else lines).append(_row(value, tests))
        if len(runs) + len(lines) >= BATCH:
            imports.add_rows(runs, lines)
            runs, lines = [], []
        yield
    imports.add_rows(runs, lines)


def _columns(read: Outline, owner: str | None) -> Json:
    session: Any = read.session
    hardware = inventories.save(read.hardware["inventory"]) if read.hardware else None
    return {
        **{name: session[name] for name in ("id", "group", "name", "host", "machine", "status", "phase", "message")},
        **{name: session[name] for name in ("models", "order", "effort", "tags", "note")},
        "test_types": session["testTypes"],
        "ollama_version": session["ollamaVersion"],
        **_moments(
            session, created_at="createdAt", started_at="startedAt", finished_at="finishedAt", pruned_at="prunedAt"
        ),
        "has_raw_data": session["hasRawData"],
        "hardware": hardware,
        "request_digest": "",
        "owner": owner,
    }


def _moments(part: Mapping[str, Any], **columns: str) -> Json:
    return {column: part[name] and moment_of(part[name]) for column, name in columns.items()}


def _test(part: Mapping[str, Any], session: Json) -> tuple[Json, Json | None]:
    columns = {
        name: part[name] for name in ("position", "model", "options", "phase", "message", "baseline", "verdicts")
    }
    moments = _moments(part, started_at="startedAt", finished_at="finishedAt")
    place = {"host": session["host"], "inventory": session["hardware"] and session["hardware"].digest}
    return {**columns, **moments, **place, "test_type": part["testType"]}, part["result"]


def _row(part: Mapping[str, Any], tests: Mapping[int, int]) -> Json:
    """Return the columns of a run or of a log line, whose fields have the same names."""
    return {**part, "test": tests[part["test"]], **_moments(part, at="at")}
