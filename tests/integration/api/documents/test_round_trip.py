"""Random sessions that go through SQLite and PostgreSQL and come out as the same bytes."""

import io
import os
from collections.abc import Iterable, Sequence

from api.documents import reading, restored, written
from common.store import parts
from common.store.database import database, open_database
from tests.support.generated_documents import document

SESSIONS = 100


def imported(documents: Iterable[bytes]) -> list[str]:
    ids = []
    for each in documents:
        file = io.BytesIO(each)
        *_, read = reading.outline(file)
        for _ in restored.restore(file, read, "importer"):
            pass
        assert read.session
        ids.append(read.session["id"])
    return ids


def exported(ids: Sequence[str]) -> list[bytes]:
    return [b"".join(written.document(session)) for each in ids if (session := parts.session(each))]


def test_sessions_are_the_same_after_both_databases(sqlite_url: str, postgresql_url: str, tmp_path: object) -> None:
    documents = [document(seed) for seed in range(SESSIONS)]
    for url in (sqlite_url, postgresql_url, f"sqlite:///{tmp_path}/second.db"):
        open_database(url)
        with database.connection_context():
            found = exported(imported(documents))
        database.close()
        differences = [_difference(*pair) for pair in zip(found, documents, strict=True) if pair[0] != pair[1]]
        assert differences == []
        documents = found


def _difference(found: bytes, expected: bytes) -> tuple[bytes, bytes]:
    """Return where two documents differ first."""
    at = len(os.path.commonprefix([found, expected]))
    return found[max(0, at - 60) : at + 60], expected[max(0, at - 60) : at + 60]
