"""Why two tests are not comparable: a difference between them that nobody asked about."""

from collections.abc import Mapping
from typing import Any

from api.conclusions.comparisons.evaluation.side import Side
from common.machines.fingerprint import parts
from common.store.earlier.samples import TestSamples
from common.store.earlier.unchanged.near_tests import measured_options
from common.values.free_json import Json

REPLACED = "another digest of the model"
SOFTWARE = ("driver",)
"""Parts of a GPU's identity that are software. A comparison may be about them, as about the kernel."""


def obstacles(baseline: Side, other: Side, *, any_digest: bool) -> list[str]:
    """Return the reasons, as words for a sentence, why two tests of one type are not comparable.

    A model whose digest has changed is another model under the same name. With `any_digest` that is the question. Two
    models of different names are compared because somebody asked for it, whatever their digests and engines are. So are
    two hosts, whatever their hardware is. Other hardware of one host is a change that the comparison is not about.
    """
    found = [f"other options ({name})" for name in unlike_options(baseline.test, other.test)]
    if baseline.test.host == other.test.host:
        unlike = unlike_hardware(baseline.column.inventory, other.column.inventory)
        found += [f"other hardware ({name})" for name in unlike]
    before, after = baseline.conditions, other.conditions
    if before.model != after.model:
        return found
    if before.engine and after.engine and before.engine != after.engine:
        found.append(f"another engine ({after.engine} instead of {before.engine})")
    if before.digest and after.digest and before.digest != after.digest and not any_digest:
        found.append(REPLACED)
    return found


def unlike_options(baseline: TestSamples, test: TestSamples) -> list[str]:
    """Return the options that make a test's numbers incomparable with the baseline's.

    Each value of an option with several values is a point, and points are compared one by one.
    """
    if baseline.options == test.options:  # as in most comparisons of many sessions
        return []
    before, after = measured_options(baseline.options), measured_options(test.options)
    both = {name: (before.get(name), after.get(name)) for name in dict.fromkeys([*before, *after])}
    return [name for name, pair in both.items() if pair[0] != pair[1] and not all(isinstance(v, list) for v in pair)]


def unlike_hardware(before: Json | None, after: Json | None) -> list[str]:
    """Return the parts of one host's hardware that differ. If it is unknown, it is taken to be the same."""
    if not before or not after or before == after:
        return []
    one, two = _hardware(before), _hardware(after)
    return [name for name in one if one[name] != two[name]]


def _hardware(inventory: Json) -> Mapping[str, Any]:
    """Return the parts of a machine's identity that are hardware, by name."""
    known = parts(inventory)
    gpus = [{name: value for name, value in gpu.items() if name not in SOFTWARE} for gpu in known["gpu"]]
    return {"CPU": known["cpu"], "GPU": gpus, "RAM": known["ram"], "limits": known["limits"]}
