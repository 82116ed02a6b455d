"""Each file of a machine fails in turn, from the start and later: nothing ends, and the reason is given."""

import copy
import errno
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest

from common.machines.fingerprint import parts
from sampler.gpu.watch import WatchedGpus
from sampler.inventory import limits, storage
from sampler.inventory.current_inventory import CurrentInventory
from sampler.machine import Machine
from tests.support.machine.fake_machine import build
from tests.support.machine.faults_of_files import Fault, FaultyFiles

FAULTS = {
    "opened": [Fault(errno.EACCES), Fault(errno.EBUSY), Fault(errno.ENOENT)],
    "read": [Fault(code, while_read=True) for code in (errno.ENODEV, errno.EIO, errno.EINVAL, errno.EAGAIN)],
    "parsed": [
        Fault(content=content) for content in (b"", b"\xff\xfe\x00\n", b"a b\n", b"9" * 70_000, b"%d" % (2**64 - 1))
    ],
}
"""By when they occur. Each file takes the next fault of a list."""
KNOWN_BY_ITS_CONTENT = ("/limits/", "/battery")
"""Values that do not exist if a file is missing or says nothing."""
STEP_S = 100.0


class Running:
    """A sampler's sources and inventory, read together every 100 s."""

    def __init__(self, root: Path, before: dict[str, Any] | None = None) -> None:
        self._now = 0.0
        gpus = WatchedGpus(root, self._clock)
        self._machine = Machine({"desk": None}, gpus, root=root, clock=self._clock)
        self._inventory = CurrentInventory(gpus, gpus.renew, root, self._clock)
        self._inventory.remember(before)

    def _clock(self) -> float:
        return self._now

    def read(self) -> tuple[dict[str, Any], dict[str, Any], dict[str, str]]:
        """Return a reading, the inventory, and why values of either are unknown."""
        self._now += STEP_S
        self._machine.prepare()
        reading, inventory = dict(self._machine.read()[0].message()), dict(self._inventory.get())
        return reading, inventory, inventory.pop("missing") | self._machine.missing


def unknown(document: object, place: str = "") -> Iterator[str]:
    """Yield the places of a document's null values and empty lists."""
    if isinstance(document, dict):
        for name, value in document.items():
            yield from unknown(value, f"{place}/{name}")
    elif isinstance(document, list | tuple) and document:
        for number, value in enumerate(document):
            yield from unknown(value, f"{place}/{number}")
    elif document is None or document in ([], ()):
        yield place


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = build(tmp_path / "root")
    monkeypatch.setattr(storage, "models_directory", lambda: root / "models")
    monkeypatch.setattr(limits, "_cpuset", lambda: None)
    return root


def places(root: Path) -> list[Path]:
    """Return all files, and the folders that hold any."""
    return [path for path in sorted(root.rglob("*")) if path.is_file() or any(path.iterdir())]


@pytest.mark.parametrize("when", FAULTS)
def test_no_file_ends_the_sampler_and_each_unknown_value_has_a_reason(
    machine: Path, when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    all_places, files = places(machine), FaultyFiles(monkeypatch)
    later = Running(machine)
    later.read()
    reading, inventory, missing = later.read()
    nothing = {*unknown(reading), *unknown(inventory)}
    for path, fault in zip(all_places, cycle(FAULTS[when]), strict=False):
        known = KNOWN_BY_ITS_CONTENT if fault.code in {None, errno.ENOENT} else ()
        with files.broken(path, fault):
            for running in (Running(machine, copy.deepcopy(inventory)), later):
                now, hardware_now, reasons = running.read()
                lost = {*unknown(now), *unknown(hardware_now)} - nothing - {"/ollama/cpu"}
                assert set(reasons) - set(missing) or all(value.startswith(known) for value in lost), (
                    path,
                    fault,
                    lost,
                )
                assert known or parts(hardware_now) == parts(inventory), (path, fault)
        mended, hardware_mended, reasons = later.read()
        assert {*unknown(mended), *unknown(hardware_mended)} == nothing, (path, fault)
        assert reasons == missing, (path, fault)
