"""The comparison of Gait's stamps with the reference server, and that neither side can hide the other's faults."""

import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median

import pytest

from bench.fidelity import measurement
from bench.fidelity.answers import Answers, errors, truth
from bench.fidelity.measurement import reference_server
from bench.support.tool_environment import ToolFailed
from testbed import ROOT
from worker.ollama.timing import kernel_timestamps

pytestmark = [pytest.mark.serial, pytest.mark.slow]

TOKENS = 20
SHIFT_MS = 40
NS_PER_MS = 1_000_000


def test_gait_is_compared_with_its_own_answers_without_each_streams_first(tmp_path: Path) -> None:
    with reference_server(tmp_path / "log") as url:
        seen = measurement.gait(url, 3, 2, TOKENS)
        true = truth(tmp_path / "log")
    assert true.keys() - seen.keys() == {"0 0", "1 0", "2 0"}
    assert seen.keys() == {"0 1", "1 1", "2 1"}
    assert errors(seen, true).answers == 3
    assert {len(answer.gaps or ()) for answer in [*seen.values(), *true.values()]} == {TOKENS - 1}


def test_gait_sees_no_token_before_it_was_written(tmp_path: Path) -> None:
    """Its stamp of the request is taken before the server's, and that of the first token after."""
    with reference_server(tmp_path / "log") as url:
        seen = measurement.gait(url, 1, 3, TOKENS)
        true = truth(tmp_path / "log")
    assert all(answer.ttft >= true[name].ttft for name, answer in seen.items())


def ttft_error(folder: Path) -> float:
    """Return the median TTFT error of Gait, in ms."""
    folder.mkdir()
    with reference_server(folder / "log") as url:
        seen = measurement.gait(url, 1, 8, TOKENS)
        true = truth(folder / "log")
    return median(answer.ttft - true[name].ttft for name, answer in seen.items())


def late_arrivals(monkeypatch: pytest.MonkeyPatch) -> None:
    real = kernel_timestamps.receive

    def receive(sock: socket.socket, most: int) -> tuple[bytes, int | None]:
        data, stamp = real(sock, most)
        return data, stamp and stamp + SHIFT_MS * NS_PER_MS

    monkeypatch.setattr(kernel_timestamps, "receive", receive)


def early_departures(monkeypatch: pytest.MonkeyPatch) -> None:
    real = kernel_timestamps.departure

    def departure(sock: socket.socket, byte: int) -> int | None:
        stamp = real(sock, byte)
        return stamp and stamp - SHIFT_MS * NS_PER_MS

    monkeypatch.setattr(kernel_timestamps, "departure", departure)


@pytest.mark.parametrize("plant_fault", [late_arrivals, early_departures])
def test_a_fault_in_gaits_stamps_shows_as_its_error(
    plant_fault: Callable[[pytest.MonkeyPatch], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without = ttft_error(tmp_path / "without")
    plant_fault(monkeypatch)
    assert ttft_error(tmp_path / "with") - without == pytest.approx(SHIFT_MS, abs=SHIFT_MS / 4)


def test_the_reference_server_uses_no_code_of_the_product() -> None:
    program = "import sys, bench.fidelity.reference_server; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    packages = {name.partition(".")[0] for name in done.stdout.split()}
    assert "bench" in packages
    assert not packages & {"worker", "common", "api", "sampler", "local", "testbed"}


def test_a_tool_that_fails_is_left_out_with_a_message(capsys: pytest.CaptureFixture[str]) -> None:
    def broken(*_: object) -> Answers:
        raise ToolFailed("it broke")

    assert measurement.measure("a tool", broken, 1) is None
    assert capsys.readouterr().out == "a tool at 1 streams is left out: it broke\n"
