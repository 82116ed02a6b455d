"""Storage of a document that was checked: entry by entry, and visible at the end."""

from base64 import b64decode
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from api.formats.documents.checks.document import Outline, moment_of
from api.formats.documents.json_members import pieces
from common.store.changes import imports, inventories
from common.values.free_json import Json

BATCH, BATCH_BYTES = 100, 300_000
"""Runs and log lines that are stored in one transaction, so that others wait for some hundredths of a second."""


def restore(file: BinaryIO, read: Outline, owner: str | None) -> Iterator[None]:
    """Store a checked document, yielding after each transaction so that others can work.

    Raises:
        Conflict: if its session exists.
    """
    columns = _columns(read, owner)
    kept = imports.stage(columns)
    try:
        tests: dict[int, int] = {}
        for name, place, value, _ in pieces(file, ("tests",)):  # first, wherever the document has them
            if name == "tests" and place is not None:
                tests[value["position"]] = imports.add_test(kept, *_test(value, columns))
            yield
        yield from _store_others(file, kept, tests)
        imports.publish(kept, columns, {tests[test["position"]]: test["status"] for test in read.tests})
    except BaseException:
        imports.discard(kept)
        raise


def _store_others(file: BinaryIO, kept: str, tests: Mapping[int, int]) -> Iterator[None]:
    rows: dict[str, list[Json]] = {"runs": [], "logs": []}
    size = 0
    for name, place, value, length in pieces(file, (*rows, "readings")):
        if place is not None and name == "readings":
            imports.add_readings(kept, value["start"], value["end"], b64decode(value["data"]))
        elif place is not None and name in rows:
            rows[name].append(_row(value, tests))
            size += length
        if size > BATCH_BYTES or sum(map(len, rows.values())) >= BATCH:
            imports.add_rows(**rows)
            rows, size = {"runs": [], "logs": []}, 0
        yield
    imports.add_rows(**rows)


def _columns(read: Outline, owner: str | None) -> Json:
    session: Any = read.session
    known = read.hardware
    hardware = inventories.keep(known["digest"], known["fingerprint"], known["inventory"]) if known else None
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
