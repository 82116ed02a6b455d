"""Reads of what the tests of many sessions were measured with."""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple, cast

from peewee import chunked

from common.records.conditions import Conditions
from common.records.runs import SoftwareRecord
from common.store.database import database
from common.store.fields import known, loads

AT_ONCE = 500
"""Sessions in one query."""
MAX_KEPT = 1000
"""Texts that are parsed once. Most sessions have the same models, and most tests the same software."""


class SessionFacts(NamedTuple):
    """What the tests of a session were measured with, unless they know better. `digests` are by model."""

    digests: Mapping[str, str | None]
    ollama_version: str | None
    fingerprint: str | None

    def conditions(self, model: str, host: str, software: str | None) -> Conditions:
        """Return the conditions of a test with this `software`, which is JSON."""
        return _conditions(model, host, self.digests.get(model), self.ollama_version, self.fingerprint, software)


SESSIONS = """
SELECT session.id, CAST(models AS TEXT), ollama_version, fingerprint
FROM session LEFT JOIN hardware ON hardware.digest = session.hardware_id WHERE session.id IN ({ids})
"""


def session_facts(ids: Iterable[str]) -> Iterator[tuple[str, SessionFacts]]:
    """Yield the facts of sessions by id. They are not kept: a model may be pulled again while its session runs."""
    for some in chunked(ids, AT_ONCE):
        query = SESSIONS.format(ids=", ".join([database.param] * len(some)))
        for session, models, version, fingerprint in database.execute_sql(query, some).fetchall():
            yield session, SessionFacts(_digests(models), version, fingerprint)


@lru_cache(maxsize=MAX_KEPT)
def _digests(models: str) -> Mapping[str, str | None]:
    return {each["name"]: each.get("digest") for each in reversed(loads(models))}


@lru_cache(maxsize=MAX_KEPT)
def _conditions(  # noqa: PLR0913, PLR0917 - what a session and a test know of them
    model: str, host: str, digest: str | None, version: str | None, fingerprint: str | None, software: str | None
) -> Conditions:
    return Conditions.of(
        model,
        host,
        submitted=[{"name": model, "digest": digest}],
        ollama_version=version,
        fingerprint=fingerprint,
        software=cast("SoftwareRecord", known(loads(software or "null"))) or None,
    )
