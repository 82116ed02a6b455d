import logging
from pathlib import Path

import pytest

from sampler import inventory
from sampler.gpu.none import NoGpus
from sampler.inventory import missing
from tests.unit.sampler.sources.test_energy import domain


@pytest.fixture(autouse=True)
def _nothing_was_told_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(missing, "_own", {})
    missing._log.cache_clear()


def told(root: Path) -> dict[str, str]:
    reasons: dict[str, str] = inventory.collect(NoGpus("no driver"), root)["missing"]
    return reasons


def test_each_thing_has_its_reason_and_one_line_in_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    first, second = told(tmp_path), told(tmp_path)
    assert first == second
    assert first["gpu"] == "no driver"
    assert {"cpu energy", "cpu temperature", "ram type", "bios"} <= set(first)
    lines = [record.getMessage() for record in caplog.records if record.name == missing.__name__]
    assert sorted(lines) == sorted(f"not known: {what}: {why}" for what, why in first.items())


def test_what_root_alone_may_read_comes_with_what_to_do(tmp_path: Path) -> None:
    counter = domain(tmp_path, "0", "package-0", 0)
    counter.unlink()
    counter.mkdir()  # permissions would not stop root; reading a directory fails for everyone
    (tmp_path / "sys/firmware/dmi/entries").mkdir(parents=True)
    assert "chmod a+r /sys/class/powercap" in told(tmp_path)["cpu energy"]
    assert told(tmp_path)["ram type"] == "firmware tells root only (dmidecode)"


def test_what_is_there_is_not_missing(tmp_path: Path) -> None:
    domain(tmp_path, "0", "package-0", 0)
    assert "cpu energy" not in told(tmp_path)


def test_others_may_add_what_they_found_out(tmp_path: Path) -> None:
    missing.note("priority", "not allowed")
    missing.note("weather", None)
    assert told(tmp_path)["priority"] == "not allowed"
    assert "weather" not in told(tmp_path)
