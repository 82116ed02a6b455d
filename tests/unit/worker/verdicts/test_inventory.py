from typing import Any

import pytest

from testbed.stored.inventory import INVENTORY
from worker.verdicts.inventory import machine_changed

GPU = INVENTORY["gpu"][0]


@pytest.mark.parametrize(
    ("changed", "name", "before", "after"),
    [
        ({"ram": {**INVENTORY["ram"], "frequency": 4800.0}}, "ram frequency", 5600.0, 4800.0),
        ({"gpu": [{**GPU, "driver": "6.2"}]}, "gpu 0 driver", "6.1", "6.2"),
        ({"gpu": [GPU, GPU]}, "gpus", 1, 2),
        ({"os": {**INVENTORY["os"], "kernel": "6.13"}}, "os kernel", "6.12", "6.13"),
    ],
)
def test_what_changed_is_named(changed: dict[str, Any], name: str, before: object, after: object) -> None:
    found = machine_changed(INVENTORY, {**INVENTORY, **changed})
    assert found
    assert found.evidence == {"before": {name: before}, "after": {name: after}}


@pytest.mark.parametrize(
    "other",
    [
        {**INVENTORY, "missing": {"bios": "why"}},
        {**INVENTORY, "ram": {**INVENTORY["ram"], "total": INVENTORY["ram"]["total"] - 5_000_000}},
        {**INVENTORY, "cpu": {**INVENTORY["cpu"], "frequency": None, "microcode": "0x1"}},
        {"cpu": INVENTORY["cpu"]},
    ],
)
def test_what_is_unknown_or_of_no_effect_is_not_a_change(other: dict[str, Any]) -> None:
    assert machine_changed(INVENTORY, other) is None
    assert machine_changed(other, INVENTORY) is None
