import os
from pathlib import Path

import pytest

from common.store.reads import sessions
from testbed.ollama_double import OllamaDouble
from testbed.waiting import until
from tests.integration.worker.lab import Lab, find_verdict, rejected
from tests.support.ollama.run_contexts import context_on
from worker.machine import page_cache
from worker.test_types.cold_start import ColdStart
from worker.workload.run import RunResult
from worker.workload.run_context import RunContext

pytestmark = [pytest.mark.usefixtures("tables"), pytest.mark.slow]


@pytest.fixture
def cache(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """Return a simulated page cache. `share` is the cached share, `left` the share after dropping."""
    state = {"share": 1.0, "left": 0.0}
    monkeypatch.setattr(page_cache, "share", lambda _: state["share"])
    monkeypatch.setattr(page_cache, "can_drop", lambda _: True)
    monkeypatch.setattr(page_cache, "drop", lambda _: state.update(share=state["left"]))
    return state


def test_each_run_begins_with_the_model_out_of_memory(lab: Lab) -> None:
    lab.run(lab.test(minRepetitions=3, maxRepetitions=3), workload=ColdStart())
    runs = [seen for seen in lab.double.requests if seen.options["num_predict"] == 16]
    assert [seen.warm for seen in runs] == [False] * 3
    assert len(lab.double.unloads) == 3


def test_one_kind_of_start_is_measured_if_the_file_is_not_accessible(lab: Lab) -> None:
    test = lab.test()
    metrics = lab.run(test, workload=ColdStart())
    assert (metrics["points"], metrics["headline"]["point"]) == ([], {"pageCache": "warm"})
    assert [run.record["requests"][0]["pageCache"] for run in sessions.runs(test)] == [None, None]
    assert metrics["finding"].startswith("When the model is not in memory, the first token arrives after ")


def test_starts_from_disk_and_from_the_page_cache_are_separate_points(lab: Lab, cache: dict[str, float]) -> None:
    lab.double.paths["tiny:latest"] = "/models/blobs/sha256-1"
    test = lab.test()

    class Disk(ColdStart):
        def before_run(self, context: RunContext, seed: str) -> None:
            cache["share"] = 1.0
            super().before_run(context, seed)

    metrics = lab.run(test, workload=Disk())
    assert [point["point"] for point in metrics["points"]] == [{"pageCache": "warm"}, {"pageCache": "cold"}]
    shares = [(run.conditions["pageCache"], run.record["requests"][0]["pageCache"]) for run in sessions.runs(test)]
    assert sorted(shares) == [("cold", 0.0), ("cold", 0.0), ("warm", 1.0), ("warm", 1.0)]
    assert metrics["finding"].endswith(" from the page cache. 2 runs, no interval.")


def test_a_start_from_disk_is_rejected_if_the_file_stays_cached(lab: Lab, cache: dict[str, float]) -> None:
    lab.double.paths["tiny:latest"] = "/models/blobs/sha256-1"
    cache["left"] = 1.0

    class Clinging(ColdStart):
        def perform(self, context: RunContext, seed: str) -> RunResult:
            if context.options["pageCache"] == "cold":
                cache["left"] = 0.0  # from the next time on
            return super().perform(context, seed)

    test = lab.test()
    lab.run(test, workload=Clinging())
    assert sorted(rejected(test)) == [[], [], [], ["page-cache-warm"]]


def test_the_file_that_is_furthest_from_what_a_run_needs_counts(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model with a projector has two files."""
    cached = {"/models/a": 1.0, "/models/b": 0.8}
    lab.double.paths["tiny:latest"] = "/models/a\nFROM /models/b"
    monkeypatch.setattr(page_cache, "share", cached.get)
    monkeypatch.setattr(page_cache, "can_drop", lambda _: True)
    monkeypatch.setattr(page_cache, "drop", lambda file: cached.update({file: 0.0 if file == "/models/a" else 0.05}))

    class Loaded(ColdStart):
        def before_run(self, context: RunContext, seed: str) -> None:
            cached.update({"/models/a": 1.0, "/models/b": 0.8})  # as the run before has left it
            super().before_run(context, seed)

    test = lab.test(minRepetitions=1, maxRepetitions=1)
    metrics = lab.run(test, workload=Loaded())
    assert {run.record["requests"][0]["pageCache"] for run in sessions.runs(test)} == {0.05, 0.8}
    assert find_verdict(metrics, "page-cache-cold")["evidence"] == {"cached": 80.0}


def test_a_file_that_does_not_stay_in_the_cache_is_flagged(lab: Lab, cache: dict[str, float]) -> None:
    lab.double.paths["tiny:latest"] = "/models/blobs/sha256-1"

    class Evicting(ColdStart):
        def before_run(self, context: RunContext, seed: str) -> None:
            cache["share"] = 0.2
            super().before_run(context, seed)

    metrics = lab.run(lab.test(), workload=Evicting())
    assert find_verdict(metrics, "page-cache-cold")["evidence"] == {"cached": 20.0}


def test_the_file_of_a_real_servers_model_is_found(ollama_url: str) -> None:
    """The server reports the path of its model. The tests' own server runs on this machine."""
    double = OllamaDouble("tiny:latest")
    with double:
        context = context_on(double, ColdStart.test_type)
    real = type(context.driver.server)(ollama_url).facts("tiny:latest")
    (file,) = real.files
    assert Path(file).stat().st_size > 1_000_000
    assert real.layers == 2


def test_dropping_evicts_a_file_from_the_cache(tmp_path: Path) -> None:
    file = tmp_path / "model"
    file.write_bytes(b"x" * (4 << 20))
    if not page_cache.can_drop(str(file)):
        pytest.skip("this file system does not report what it caches")
    assert page_cache.share(str(file)) == 1

    def is_dropped() -> bool:
        page_cache.drop(str(file))
        return page_cache.share(str(file)) == 0

    until(is_dropped, "the file's last page to go")  # one that another processor has in hand stays
    file.read_bytes()
    assert page_cache.share(str(file)) == 1


def test_the_share_of_a_missing_file_is_unknown(tmp_path: Path) -> None:
    assert page_cache.share(str(tmp_path / "nothing")) is None
    assert not page_cache.can_drop(str(tmp_path / "nothing"))


def test_only_regular_files_are_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path, Path("/dev/zero"), Path("\x00")):
        assert page_cache.share(str(path)) is None
        assert not page_cache.can_drop(str(path))
