import json
import re
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from bench.series import __main__ as series
from bench.series import alternatives
from bench.series.gpus import with_gpus
from bench.support import tool_environment
from common.messaging import channels
from common.messaging.streams import Message
from common.records.series import encode
from testbed.stored.readings import every, with_cpu

pytestmark = pytest.mark.slow

MINUTE = every(100, [with_cpu(float(number % 17)) for number in range(600)], start=1_795_461_287_786)


def test_what_is_stored_is_scaled_to_ten_minutes() -> None:
    chunks = [encode(channels.series(MINUTE[:300])), encode(channels.series(MINUTE[300:]))]
    described = series.stored(chunks)
    assert described.startswith("600 real readings of 9 channels in 60 s: ")
    size = sum(map(len, chunks))
    assert f"{size} bytes in 2 chunks" in described
    assert f"{size / 100:.0f} kB" in described


def test_a_gpu_adds_its_channels() -> None:
    found = channels.series(with_gpus(MINUTE, 2))
    assert {channel.gpu for channel in found.words} == {0, 1}
    names = {channel.name for channel in found.numbers if channel.gpu == 1}
    assert names == set(channels.GPU_CHANNELS)
    assert re.search(r"adds \d{4,} bytes", series.cost_of_gpus(MINUTE))


def test_an_hour_is_charted() -> None:
    assert series.hour(MINUTE, "of a test").startswith("36000 readings of a test: ")


def printed(minute: list[Message]) -> str:
    console = Console(file=StringIO(), width=200)
    series.compare(minute, console)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def test_without_pyarrow_the_comparison_is_left_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    lock = tmp_path / "lock.txt"
    lock.write_text("no such file\n")
    monkeypatch.setattr(alternatives, "FOLDER", tmp_path / "codecs")
    monkeypatch.setattr(alternatives, "LOCK", lock)
    assert "Arrow IPC and Parquet are left out: install failed" in printed(MINUTE)


def test_a_codec_that_fails_is_said_to(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    python = tmp_path / "venv/bin/python"
    python.parent.mkdir(parents=True)
    python.write_text("#!/bin/sh\ncat >&2; exit 1\n")
    python.chmod(0o700)
    monkeypatch.setattr(alternatives, "FOLDER", tmp_path)
    monkeypatch.setattr(tool_environment, "make", lambda *_: None)
    assert 'left out: {"0": ' in printed(MINUTE)


def test_a_row_has_a_value_for_each_number_of_gpus() -> None:
    costs = {gpus: [{"codec": "one", "size": 10 + gpus, "encode_ms": 0.5, "decode_ms": 0.25}] for gpus in (0, 1)}
    comparison = alternatives.read(json.dumps({"version": "1.2", "size": 3_000_000, "costs": costs}))
    console = Console(file=StringIO(), width=200)
    console.print(alternatives.table(comparison))
    assert isinstance(console.file, StringIO)
    table = console.file.getvalue()
    assert re.search(r"\| one +\| +10 / 11 \| +0.50 / 0.50 \| +0.25 / 0.25 \|", table)
    assert "pyarrow 1.2 takes 3 MB" in alternatives.explain(comparison)
