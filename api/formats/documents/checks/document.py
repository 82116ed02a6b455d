"""Checks of a whole document before anything of it is stored: each part, and that the parts agree."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, BinaryIO, cast
from uuid import UUID

import orjson

from api.formats.documents.checks.declared_types import Check, Fault, check_of
from api.formats.documents.checks.machine import check_machine
from api.formats.documents.checks.readings import check_readings
from api.formats.documents.checks.texts import check_texts
from api.formats.documents.json_members import Piece, pieces
from api.formats.documents.shapes import (
    CLOSED,
    LENIENT,
    LISTS,
    PARTS,
    SCHEMA,
    HardwarePart,
    LogPart,
    ReadingsPart,
    RunPart,
    SessionPart,
    TestPart,
)
from common.values.units import naive_utc

MEMBERS = ("schema", *PARTS, *LISTS)
MAX_REPETITION = 2**31 - 1
MAX_MS = 253_402_300_799_999
"""The last millisecond of the year 9999."""


@dataclass
class Outline:
    """What is kept of a document while it is read, to check the other parts against it."""

    session: SessionPart | None = None
    hardware: HardwarePart | None = None
    tests: list[TestPart] = field(default_factory=list)
    runs: set[int] = field(default_factory=set)
    """Digests of test, conditions and repetition, which are different for all runs."""
    referred: set[int] = field(default_factory=set)
    """Positions of the tests that runs and log lines name."""
    found: set[str] = field(default_factory=set)
    """Names of the members."""


def outline(file: BinaryIO) -> Iterator[Outline]:
    """Read a document and check it, yielding after each entry so that others can work. The last outline is complete.

    Raises:
        Fault: at the first value that is wrong.
    """
    read, checks = Outline(), _checks()
    for piece in pieces(file):
        _take(read, piece, checks)
        yield read
    _check_whole(read)
    yield read


def _checks() -> dict[str, Check]:
    return {name: check_of(part, CLOSED, LENIENT) for name, part in (PARTS | LISTS).items()}


def _take(read: Outline, piece: Piece, checks: Mapping[str, Check]) -> None:
    if piece.name not in MEMBERS:
        raise Fault(f"is unknown. Known are {', '.join(MEMBERS)}", piece.name)
    read.found.add(piece.name)
    try:
        if piece.name == "schema":
            _check_schema(piece.value)
        elif piece.name in PARTS or piece.place is not None:
            checks[piece.name](piece.value)
            _TAKEN[piece.name](read, piece.value)
        else:
            _check_list(piece.value)
    except Fault as fault:
        raise fault.within(piece.path) from None


def _check_list(value: Any) -> None:  # noqa: ANN401 - any JSON
    if value != []:
        raise Fault("must be a list")


def _check_schema(value: Any) -> None:  # noqa: ANN401 - any JSON
    if value != SCHEMA:
        raise Fault(f"is {str(value)[:40]!r}, and this release reads {SCHEMA!r}. Export the session with that version")


def _take_session(read: Outline, session: SessionPart) -> None:
    check_texts("session", session)
    try:
        is_canonical = str(UUID(session["id"])) == session["id"]
    except ValueError:
        is_canonical = False
    if not is_canonical:
        raise Fault("must be a UUID in lower case, with dashes", "id")
    for name in ("createdAt", "startedAt", "finishedAt", "prunedAt"):
        _check_moment(session, name)
    names = [model["name"] for model in session["models"]]
    for name, values in (("models", names), ("testTypes", session["testTypes"])):
        if not values or len(set(values)) < len(values):
            raise Fault("must have at least one entry, and none twice", name)
    read.session = session


def _take_hardware(read: Outline, hardware: HardwarePart | None) -> None:
    if hardware is not None:
        check_machine(hardware)
    read.hardware = hardware


def _take_test(read: Outline, test: TestPart) -> None:
    check_texts("test", test)
    for name in ("startedAt", "finishedAt"):
        _check_moment(test, name)
    if test["position"] != len(read.tests):
        raise Fault(f"must be {len(read.tests)}, because tests are in their order, from 0", "position")
    result = test["result"]
    if (test["status"] == "completed") != (result is not None):
        raise Fault("must be there for a completed test, and null for others", "result")
    if test["status"] == "completed" and test["finishedAt"] is None:
        raise Fault("must be a time, because the test has completed", "finishedAt")
    for name, value in (result["metrics"] if result else {}).items():
        if name not in ("headline", "finding") and type(value) not in (int, float, type(None)):
            raise Fault("must be a number or null", f"result.metrics.{name}")
    read.tests.append({**test, "baseline": None, "verdicts": None, "result": None})


def _take_run(read: Outline, run: RunPart) -> None:
    _check_moment(run, "at")
    if not 1 <= run["repetition"] <= MAX_REPETITION:
        raise Fault(f"must be from 1 to {MAX_REPETITION}", "repetition")
    identity = [run["test"], run["conditions"], run["repetition"]]
    digest = hash(orjson.dumps(identity, option=orjson.OPT_SORT_KEYS))
    if digest in read.runs:
        raise Fault("is a second run of the same test at the same conditions", "repetition")
    read.runs.add(digest)
    read.referred.add(int(run["test"]))


def _take_line(read: Outline, line: LogPart) -> None:
    _check_moment(line, "at")
    read.referred.add(int(line["test"]))


def _take_readings(_: Outline, chunk: ReadingsPart) -> None:
    for name in ("start", "end"):
        if not 0 <= chunk[name] <= MAX_MS:
            raise Fault("must be milliseconds since 1970", name)
    check_readings(chunk["data"], chunk["start"], chunk["end"])


_TAKEN: dict[str, Any] = {
    "session": _take_session,
    "hardware": _take_hardware,
    "tests": _take_test,
    "runs": _take_run,
    "logs": _take_line,
    "readings": _take_readings,
}


def _check_moment(part: Any, name: str) -> None:  # noqa: ANN401 - any of the parts
    if part[name] is not None:
        try:
            moment_of(part[name])
        except (ValueError, OverflowError):
            raise Fault("must be a time such as 2026-03-01T12:00:00.123456Z", name) from None


def moment_of(text: str) -> datetime:
    """Return a time of a document as databases store it.

    Raises:
        ValueError: if it is not a time in ISO 8601 with a zone, after 1970.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None or moment.year < 1970:  # noqa: PLR2004 - no computer measured before
        raise ValueError(text)
    return naive_utc(moment)


def _check_whole(read: Outline) -> None:
    """Check that all parts are there and belong together."""
    if missing := [name for name in MEMBERS if name not in read.found]:
        raise Fault("is missing", missing[0])
    session = cast("SessionPart", read.session)
    expected = [(model["name"], kind) for model in session["models"] for kind in session["testTypes"]]
    found = [(test["model"], test["testType"]) for test in read.tests]
    if sorted(found) != sorted(expected):
        raise Fault("must have one test for each model of the session with each of its test types", "tests")
    if unknown := read.referred.difference(range(len(found))):
        raise Fault(f"name test {min(unknown, key=str)}, and there are {len(found)} tests, from 0", "runs and logs")
