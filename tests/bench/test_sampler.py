"""The benchmark of the sampler, with both recorders that need no installation, for a few seconds each."""

import io
import sys
from pathlib import Path

import pytest
from rich.console import Console

from bench.sampler import __main__ as sampler
from bench.sampler.__main__ import Outcome, Window
from bench.support import tool_environment


def test_jitter_is_the_distance_from_the_wanted_period_within_the_window() -> None:
    taken: list[sampler.Stamp] = [(0.0, 0.5), (1.0, 1.001), (1.1, 1.103), (1.19, None), (9.0, 9.1)]
    window = sampler.within(taken, 1.0, 2.0)
    assert [round(value, 6) for value in window.jitter] == [0, 10]
    assert [round(value, 6) for value in window.in_redis] == [1, 3]


def test_a_spread_is_the_median_and_the_99th_percentile() -> None:
    assert sampler.spread([float(value) for value in range(101)]) == "50.00 / 99.00"
    assert sampler.spread([]) == "-"


def test_the_table_shows_a_dash_for_what_a_recorder_does_not_do() -> None:
    console = Console(width=130, record=True, file=io.StringIO())
    console.print(sampler.table([Outcome("glances", 10.5, 37_000_000, Window([1.0], []), Window([2.0], []))]))
    (row,) = [line for line in console.export_text().splitlines() if "glances" in line]
    assert [cell.strip() for cell in row.strip("|").split("|")] == [
        "glances",
        "10.50",
        "37",
        "1.00 / 1.00",
        "2.00 / 2.00",
        "-",
        "-",
    ]


@pytest.mark.slow
@pytest.mark.parametrize("module", ["bench.sampler.stamped_sampler", "bench.sampler.plain_loop"])
def test_a_recorder_is_measured(module: str, redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampler, "WINDOW_S", 1.5)
    outcome = sampler.measure("one", [sys.executable, "-m", module], redis_url, tmp_path)
    assert outcome.rss > 10_000_000
    assert outcome.idle.jitter
    assert outcome.loaded.in_redis


def test_a_tool_that_cannot_be_installed_is_left_out_with_a_message(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> None:
        raise tool_environment.ToolFailed("no network")

    idle = Window([0.1], [0.6])
    monkeypatch.setattr(tool_environment, "make", fail)
    monkeypatch.setattr(sampler, "measure", lambda name, *_: Outcome(name, 0.5, 1, idle, idle))
    sampler.main()
    shown = capsys.readouterr().out
    assert "glances is left out: no network" in shown
    assert "psutil loop" in shown
