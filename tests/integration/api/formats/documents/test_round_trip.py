"""Random sessions that go through SQLite and PostgreSQL and come out as the same bytes."""

import io
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

from api.formats.documents import storing, writing
from api.formats.documents.checks.document import outline
from common.store.database import database, open_database
from common.store.reads import whole_session
from tests.support.stored.generated_documents import document

SESSIONS = 60
FEW = 10
SOME = 25


def imported(documents: Iterable[bytes]) -> list[str]:
    ids = []
    for each in documents:
        file = io.BytesIO(each)
        *_, read = outline(file)
        for _ in storing.restore(file, read, "importer"):
            pass
        assert read.session
        ids.append(read.session["id"])
    return ids


def exported(ids: Sequence[str]) -> list[bytes]:
    return [b"".join(writing.document(session)) for each in ids if (session := whole_session.session(each))]


def test_sessions_are_the_same_after_both_databases(migrated: Path, postgresql_url: str, tmp_path: Path) -> None:
    documents = [document(seed) for seed in range(SESSIONS)]
    first, second = (f"sqlite:///{shutil.copy(migrated, tmp_path / name)}" for name in ("first.db", "second.db"))
    for url in (first, postgresql_url, second):
        open_database(url)
        with database.connection_context():
            found = exported(imported(documents))
        database.close()
        differences = [_difference(*pair) for pair in zip(found, documents, strict=True) if pair[0] != pair[1]]
        assert differences == []
        documents = found[: SOME if url == first else FEW]


def _difference(found: bytes, expected: bytes) -> tuple[bytes, bytes]:
    """Return where two documents differ first."""
    at = next((place for place, pair in enumerate(zip(found, expected, strict=False)) if len(set(pair)) > 1), 0)
    return found[max(0, at - 60) : at + 60], expected[max(0, at - 60) : at + 60]
