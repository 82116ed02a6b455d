"""The memory that models took while they were measured."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

from peewee import fn

from common.catalogue.verdicts.on_runs import OTHER_MODEL
from common.records.runs import SoftwareRecord
from common.store.earlier.kept_values import Kept
from common.store.earlier.newest.keys import Key
from common.store.earlier.newest.newest import NewestTest, of_tests
from common.store.fields import known, part
from common.store.tables import Result, Run
from common.values.free_json import Json

MAX_KEPT = 5000
"""Results that are kept in memory."""


@dataclass(frozen=True)
class MemoryUse:
    """Memory while a test ran, in bytes; None is unknown.

    `vram` and `ram` are the means of what Ollama's processes held. `size` and `size_vram` are of the model in
    /api/ps, and so is the `context`, which earlier versions do not report. `is_alone` is False if another model was in
    memory too. `settings` are the server's.
    """

    vram: float | None
    ram: float | None
    size: int | None
    size_vram: int | None
    context: int | None
    is_alone: bool
    settings: dict[str, str | None] | None


_kept: Kept[Key, MemoryUse] = Kept(MAX_KEPT)


def memory_uses(tests: Sequence[NewestTest]) -> dict[int, MemoryUse]:
    """Return the memory by the id of each of these tests that has a result."""
    return of_tests(tests, _kept, _read)


def _read(tests: Sequence[int]) -> Iterator[tuple[int, MemoryUse]]:
    columns = (part(Result.metrics, "vramUsage"), part(Result.metrics, "ramUsage"), part(Result.details, "verdicts"))
    query = Result.select(Result.test, *columns, Result.software).where(Result.test.in_(tests))
    loaded = _loaded(tests)
    for test, vram, ram, verdicts, software in _rows(query):
        yield test, _use(vram, ram, verdicts, software, loaded.get(test))


def _loaded(ids: Sequence[int]) -> dict[int, Any]:
    """Return what /api/ps listed before the last run of each test, if the run is still stored."""
    last = Run.select(fn.MAX(Run.id)).where(Run.test.in_(ids)).group_by(Run.test)
    rows = _rows(Run.select(Run.test, part(Run.record, "loaded")).where(Run.id.in_(last)))
    return {row[0]: row[1] for row in rows}


def _use(vram: Any, ram: Any, verdicts: Any, software: Any, loaded: Any) -> MemoryUse:  # noqa: ANN401 - any stored JSON
    listed = [each for each in loaded if isinstance(each, dict)] if isinstance(loaded, list) else []
    flags = [each.get("name") for each in verdicts if isinstance(each, dict)] if isinstance(verdicts, list) else []
    model: Json = listed[0] if len(listed) == 1 else {}
    return MemoryUse(
        _number(vram),
        _number(ram),
        model.get("size"),
        model.get("size_vram"),
        model.get("context_length"),
        is_alone=len(listed) <= 1 and OTHER_MODEL.name not in flags,
        settings=cast("SoftwareRecord", known(software)).get("settings"),
    )


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _rows(query: Any) -> Iterable[tuple[Any, ...]]:  # noqa: ANN401 - any query
    return cast("Iterable[tuple[Any, ...]]", query.tuples())
