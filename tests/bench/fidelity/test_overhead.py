from pathlib import Path

import pytest

from bench.fidelity import overhead
from bench.fidelity.measurement import reference_server


def test_a_client_needs_part_of_a_core(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overhead, "GENERATIONS", 2)
    monkeypatch.setattr(overhead, "TOKENS", 20)
    with reference_server(tmp_path / "log") as url:
        assert 0 < overhead.share(url) < 100
        assert "% of a core for one stream of 200 tokens/s" in overhead.overhead(url)
