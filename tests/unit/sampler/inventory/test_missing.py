import logging
from pathlib import Path

import pytest

from sampler import inventory
from sampler.gpu.gpus import NoGpus
from sampler.inventory import missing
from tests.unit.sampler.sources.test_energy import domain


@pytest.fixture(autouse=True)
def _no_reasons_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(missing, "_own", {})
    missing._log.cache_clear()


def missing_values(root: Path) -> dict[str, str]:
    reasons: dict[str, str] = inventory.collect(NoGpus("no driver"), root)["missing"]
    return reasons


def test_each_unknown_value_has_a_reason_and_one_log_line(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    first, second = missing_values(tmp_path), missing_values(tmp_path)
    assert first == second
    assert first["gpu"] == "no driver"
    assert {"cpu energy", "cpu temperature", "ram type", "bios"} <= set(first)
    lines = [record.getMessage() for record in caplog.records if record.name == missing.__name__]
    assert sorted(lines) == sorted(f"unknown: {name}: {reason}" for name, reason in first.items())


def test_values_only_root_may_read_come_with_advice(tmp_path: Path) -> None:
    counter = domain(tmp_path, "0", "package-0", 0)
    counter.unlink()
    counter.mkdir()  # permissions would not stop root; reading a directory fails for everyone
    (tmp_path / "sys/firmware/dmi/entries").mkdir(parents=True)
    found = missing_values(tmp_path)
    assert "chmod a+r /sys/class/powercap" in found["cpu energy"]
    assert found["ram type"] == "only root can read it (dmidecode)"


def test_a_known_value_is_not_missing(tmp_path: Path) -> None:
    domain(tmp_path, "0", "package-0", 0)
    assert "cpu energy" not in missing_values(tmp_path)


def test_other_modules_may_add_reasons(tmp_path: Path) -> None:
    missing.note("priority", "not allowed")
    missing.note("weather", None)
    found = missing_values(tmp_path)
    assert found["priority"] == "not allowed"
    assert "weather" not in found
