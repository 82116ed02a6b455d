"""Verdict on the machine's inventory: whether it is the one that the session's runs were measured with."""

from typing import Any

from common.catalogue.verdicts import on_tests
from common.machines.fingerprint import parts
from common.values.free_json import Json
from worker.verdicts import Verdict


def machine_changed(before: Json, after: Json) -> Verdict | None:
    """Flag another inventory. What is unknown on one side is not compared."""
    old, new = _facts(before), _facts(after)
    changed = [name for name in old if name in new and old[name] != new[name]]
    if not changed:
        return None
    evidence = {"before": {name: old[name] for name in changed}, "after": {name: new[name] for name in changed}}
    return Verdict.of(on_tests.MACHINE_CHANGED, evidence)


def _facts(inventory: Json) -> dict[str, Any]:
    """Return what is known of a machine by name, such as `ram frequency` or `gpu 0 driver`."""
    gpus = inventory.get("gpu") or []
    named = {f"gpu {number}": gpu for number, gpu in enumerate(gpus)}
    described = {name: part for name, part in inventory.items() if isinstance(part, dict) and name != "missing"} | named
    facts = {f"{name} {key}": value for name, part in described.items() for key, value in part.items()}
    facts |= {"gpus": len(gpus) if "gpu" in inventory else None, "ram total": parts(inventory)["ram"]}
    return {name: value for name, value in facts.items() if value is not None}
