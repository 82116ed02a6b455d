"""What a test is measured with. Tests of equal conditions and options were measured without a change in between."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

from common.ollama.engine import engine_of
from common.records.runs import SoftwareRecord
from common.values.free_json import Json

Settings = tuple[tuple[str, str | None], ...]


@dataclass(frozen=True)
class Conditions:
    """A model by its digest, its server with version, engine and settings, and its machine. None is unknown.

    The engine of results from before engines were recorded follows from the version.

    The fingerprint covers processor, GPUs with their driver, memory, kernel and limits.
    """

    model: str
    digest: str | None
    host: str
    ollama_version: str | None
    settings: Settings | None
    fingerprint: str | None
    engine: str | None = field(compare=False)  # it follows from the model and the version

    @classmethod
    def of(  # noqa: PLR0913 - what a session and a test know of them
        cls,
        model: str,
        host: str,
        *,
        submitted: Sequence[Json],
        ollama_version: str | None,
        fingerprint: str | None,
        software: SoftwareRecord | None,
    ) -> Self:
        """Return the conditions of a test. What the test itself knows comes before what its session began with.

        `submitted` are the models of the session.
        """
        own: SoftwareRecord = software or {"digest": None, "ollamaVersion": None, "settings": None}
        digest = next((known.get("digest") for known in submitted if known["name"] == model), None)
        version = own["ollamaVersion"] or ollama_version
        return cls(
            model=model,
            digest=own["digest"] or digest,
            host=host,
            ollama_version=version,
            settings=None if own["settings"] is None else tuple(sorted(own["settings"].items())),
            fingerprint=fingerprint,
            engine=own.get("engine") or engine_of(None, version),
        )
