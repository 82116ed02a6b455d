"""Verdicts on the software under test: whether model and server are those that the session began with."""

from typing import Any

from common.catalogue.verdicts import on_tests
from common.records.runs import SoftwareRecord
from worker.verdicts import Verdict

SHORT_DIGEST = 12


def model_changed(submitted: str, measured: str) -> Verdict:
    evidence = {"submitted": submitted[:SHORT_DIGEST], "measured": measured[:SHORT_DIGEST]}
    return Verdict.of(on_tests.MODEL_CHANGED, evidence)


def server_changed(before: SoftwareRecord, after: SoftwareRecord) -> Verdict | None:
    """Flag another version of Ollama or other settings. What is unknown on one side is not compared."""
    old, new = _server(before), _server(after)
    changed = [name for name in old if name in new and old[name] != new[name]]
    if not changed:
        return None
    evidence = {"before": {name: old[name] for name in changed}, "after": {name: new[name] for name in changed}}
    return Verdict.of(on_tests.SERVER_CHANGED, evidence)


def _server(software: SoftwareRecord) -> dict[str, Any]:
    """Return what is known of the server by name. A variable that is known not to be set is named `not set`."""
    version = {"version": software["ollamaVersion"]} if software["ollamaVersion"] else {}
    settings = software["settings"] or {}
    return version | {name: value or "not set" for name, value in settings.items()}
