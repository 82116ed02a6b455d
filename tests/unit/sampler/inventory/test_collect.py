import platform
from pathlib import Path

import pytest

from sampler import inventory
from sampler.gpu.gpus import NoGpus
from sampler.inventory import storage

FIELDS = {
    "cpu": ["model", "cores", "threads", "frequency", "microcode"],
    "ram": ["total", "type", "frequency"],
    "storage": ["type", "size"],
    "os": ["name", "version", "kernel"],
    "bios": ["vendor", "version", "date"],
    "limits": ["cpus", "memory", "container", "hypervisor"],
}


@pytest.mark.parametrize("root", ["this machine", "nothing"])
def test_every_field_is_present_even_if_unknown(root: str, tmp_path: Path) -> None:
    hardware = inventory.collect(NoGpus(), Path("/") if root == "this machine" else tmp_path)
    assert hardware.pop("gpu") == []
    assert hardware.pop("missing")["gpu"] == "none was found"
    assert {part: list(fields) for part, fields in hardware.items()} == FIELDS
    assert hardware["os"]["kernel"] == platform.release()


def test_a_field_that_fails_is_unknown_and_the_others_remain(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object, **__: object) -> str:
        raise OSError("disk gone")

    monkeypatch.setattr(storage, "kind", fail)
    hardware = inventory.collect(NoGpus())
    assert hardware["storage"]["type"] is None
    assert hardware["storage"]["size"] > 0
    assert hardware["missing"]["storage type"] == "OSError: disk gone"
    assert "disk gone" in caplog.text
