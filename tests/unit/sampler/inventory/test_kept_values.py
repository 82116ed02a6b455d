"""What stays of the last inventory, so that the fingerprint changes only when a read says so."""

from collections.abc import Collection

import pytest

from sampler.inventory.kept_values import Part, kept_gpus, kept_values

LAST = {"cpus": 2.0, "memory": 8, "container": None}


@pytest.mark.parametrize(
    ("found", "failed", "kept"),
    [
        ({"cpus": None, "memory": 8}, {"limits cpus"}, {"cpus": 2.0, "memory": 8}),
        ({"cpus": None, "memory": 8}, {"cpu cpus"}, {"cpus": None, "memory": 8}),  # the limit is gone
        ({"cpus": 4.0, "memory": None}, (), {"cpus": 4.0, "memory": None}),
        ({"new": None}, {"limits new"}, {"new": None}),
    ],
)
def test_a_field_that_cannot_be_read_stays(found: Part, failed: Collection[str], kept: Part) -> None:
    assert kept_values("limits", found, LAST, failed) == kept


@pytest.mark.parametrize("before", [None, [], "hardware", {"cpu": 1}, [7, {}, {"vendor": "NVIDIA", "model": []}]])
def test_nothing_stays_of_what_is_no_inventory(before: object) -> None:
    assert kept_values("limits", {"cpus": None}, before, {"limits cpus"}) == {"cpus": None}
    assert kept_gpus([A], before, ()) == [A]


def gpu(model: str | None, memory: int | None = 8, vendor: str = "NVIDIA") -> Part:
    return {"model": model, "memory": memory, "vendor": vendor}


A, B, RADEON = gpu("A"), gpu("B"), gpu("R", vendor="AMD")


@pytest.mark.parametrize(
    ("found", "hidden", "kept"),
    [
        ([A, B, RADEON], (), [A, B, RADEON]),
        (None, (), [A, B, RADEON]),  # nothing could be listed
        ([B, RADEON], {"NVIDIA"}, [A, B, RADEON]),  # A is lost
        ([RADEON], {"NVIDIA"}, [A, B, RADEON]),  # the driver is not loaded yet
        ([RADEON], (), [RADEON]),  # taken out
        ([A, B], {"NVIDIA"}, [A, B]),  # another vendor's was taken out
        ([gpu(None, None), gpu("B", None), RADEON], (), [A, B, RADEON]),
        ([gpu("C", None), RADEON], (), [gpu("C", None), RADEON]),
    ],
)
def test_gpus_stay_while_their_driver_does_not_answer(
    found: list[Part] | None, hidden: Collection[str], kept: list[Part]
) -> None:
    assert kept_gpus(found, [A, B, RADEON], hidden) == kept
