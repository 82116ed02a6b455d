"""A session as a document: canonical, an entry a line, read and sent a few entries at a time.

docs/session-document.md says what is left out because it belongs to one Gait alone.
"""

from base64 import b64encode
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from api.formats.documents.canonical import canonical
from api.formats.documents.shapes import SCHEMA, HardwarePart, LogPart, ReadingsPart, RunPart
from common.store.reads import whole_session
from common.store.tables import Hardware, LogLine, ReadingChunk, Result, Run, Session, Test
from common.values.free_json import Json


def document(session: Session) -> Iterator[bytes]:
    """Yield the lines of the document of a session that has ended."""
    places: dict[int, int] = {}
    hardware = canonical(_hardware(session.hardware)) if session.hardware else b"null"
    yield b'{"schema":%s,\n"session":%s,\n"hardware":%s' % (canonical(SCHEMA), canonical(_session(session)), hardware)
    yield from _list("tests", _tests(session.id, places))
    yield from _list("runs", (_run(run, places) for run in whole_session.runs(list(places))))
    yield from _list("logs", (_line(line, places) for line in whole_session.log_lines(list(places))))
    yield from _list("readings", (_readings(chunk) for chunk in whole_session.readings(session.id)))
    yield b"}\n"


def _list(name: str, entries: Iterable[Any]) -> Iterator[bytes]:
    yield b',\n"%s":[' % name.encode()
    before = b"\n"
    for entry in entries:
        yield before + canonical(entry)
        before = b",\n"
    yield b"]"


def _moment(moment: datetime) -> str:
    """Return a naive UTC time with its microseconds, as `2026-03-01T12:00:00.123456Z`."""
    return moment.isoformat(timespec="microseconds") + "Z"


def _session(session: Session) -> Json:
    return {
        "id": session.id,
        "group": session.group,
        "name": session.name,
        "host": session.host,
        "machine": session.machine,
        "status": session.status,
        "phase": session.phase,
        "message": session.message,
        "models": session.models,
        "testTypes": session.test_types,
        "order": session.order,
        "effort": session.effort,
        "tags": session.tags,
        "note": session.note,
        "ollamaVersion": session.ollama_version,
        "createdAt": _moment(session.created_at),
        "startedAt": session.started_at and _moment(session.started_at),
        "finishedAt": session.finished_at and _moment(session.finished_at),
        "prunedAt": session.pruned_at and _moment(session.pruned_at),
        "hasRawData": session.has_raw_data,
    }


def _hardware(hardware: Hardware) -> HardwarePart:
    return {"digest": hardware.digest, "fingerprint": hardware.fingerprint, "inventory": hardware.inventory}


def _tests(session_id: str, places: dict[int, int]) -> Iterator[Json]:
    """Yield the tests, and note the position of each by its id."""
    for test in whole_session.tests(session_id):
        places[test.id] = test.position
        yield _test(test)


def _test(test: Test) -> Json:
    return {
        "position": test.position,
        "model": test.model,
        "testType": test.test_type,
        "options": test.options,
        "status": test.status,
        "phase": test.phase,
        "message": test.message,
        "baseline": test.baseline,
        "verdicts": test.verdicts,
        "startedAt": test.started_at and _moment(test.started_at),
        "finishedAt": test.finished_at and _moment(test.finished_at),
        "result": next((_result(result) for result in test.results), None),
    }


def _result(result: Result) -> Json:
    return {
        "metrics": result.metrics,
        "software": result.software,
        "statistics": result.statistics,
        "details": result.details,
        "grade": result.grade,
    }


def _run(run: Run, places: dict[int, int]) -> RunPart:
    return {
        "test": places[run.test_id],
        "conditions": run.conditions,
        "repetition": run.repetition,
        "at": _moment(run.at),
        "metrics": run.metrics,
        "record": run.record,
    }


def _line(line: LogLine, places: dict[int, int]) -> LogPart:
    return {"test": places[line.test_id], "at": _moment(line.at), "text": line.text}


def _readings(chunk: ReadingChunk) -> ReadingsPart:
    return {"start": chunk.start, "end": chunk.end, "data": b64encode(bytes(chunk.data)).decode()}
