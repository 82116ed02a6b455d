from typing import Any

import pytest

from common.errors import TestFailure
from common.records.test_metrics import TestMetrics
from common.store.reads import sessions
from common.store.tables import LogLine
from tests.integration.worker.lab import Lab, find_verdict, verdicts
from worker.test_types.offload_sweep import OffloadSweep

pytestmark = [pytest.mark.usefixtures("tables"), pytest.mark.slow]

RATES = {0: 10, 1: 12, 2: 15, 3: 40, 4: 50}
"""Tokens per second by the number of layers on the GPU."""


@pytest.fixture(autouse=True)
def with_gpu(lab: Lab) -> None:
    """Return a model of three layers and an output layer, on a server with a GPU."""
    lab.double.gpu, lab.double.layers = True, 3
    lab.double.last_of = lambda body: {"eval_duration": int(15e9 / RATES[body["options"].get("num_gpu", 4)])}


def asked(lab: Lab) -> set[int | None]:
    return {seen.options.get("num_gpu") for seen in lab.double.requests}


def rates(metrics: dict[str, Any]) -> dict[int, float]:
    return {
        point["point"]["offloadPercent"]: point["statistics"]["decodeTokensPerSecond"]["value"]
        for point in metrics["points"]
    }


def test_the_model_is_measured_with_each_share_of_its_layers(lab: Lab) -> None:
    metrics = lab.run(lab.test("offload-sweep"))
    assert rates(metrics) == pytest.approx({0: 10, 25: 12, 50: 15, 75: 40, 100: 50})
    assert asked(lab) == {None, 0, 1, 2, 3, 4}
    assert [point["statistics"]["vramShare"]["value"] for point in metrics["points"]] == pytest.approx(
        [0, 25, 50, 75, 100], abs=0.1
    )
    assert metrics["headline"]["point"] == {"offloadPercent": 100}
    assert metrics["finding"] == (
        "The model writes 50.0 tokens/s with 100 % of its layers on the GPU, and 10.0 tokens/s with 0 %. "
        "The largest step is from 75 % to 50 %. 2 runs, no interval."
    )
    assert not {"partly-on-cpu", "offload-ignored", "reloaded"} & verdicts(metrics)


def test_one_share_alone_has_no_cliff(lab: Lab) -> None:
    metrics = lab.run(lab.test("offload-sweep", offloadPercent=100))
    assert metrics["finding"] == "The model writes 50.0 tokens/s. Other shares were not tested. 2 runs, no interval."


def test_no_layers_are_requested_from_a_server_without_a_gpu(lab: Lab) -> None:
    lab.double.gpu = False
    with pytest.raises(TestFailure, match="no part of tiny:latest on a GPU"):
        lab.run(lab.test("offload-sweep"))
    assert asked(lab) == {None}


def test_a_server_that_does_not_report_layers_is_refused(lab: Lab) -> None:
    lab.double.layers = None
    with pytest.raises(TestFailure, match="does not report how many layers"):
        lab.run(lab.test("offload-sweep"))
    assert not lab.double.requests


def test_the_share_is_at_most_what_the_server_chooses(lab: Lab) -> None:
    lab.double.auto_layers = 2
    metrics = lab.run(lab.test("offload-sweep", offloadPercent=[100, 25, 50]))
    assert set(rates(metrics)) == {25, 50}
    assert LogLine.select().where(LogLine.text.startswith("offloadPercent is limited to")).count() == 1
    with pytest.raises(TestFailure, match="set offloadPercent to at most that"):
        lab.run(lab.test("offload-sweep", offloadPercent=75))
    assert asked(lab) == {None, 1, 2}


class Superseded(Exception):
    pass


@pytest.mark.parametrize("layers", [3, None])
def test_after_a_takeover_each_run_keeps_its_share(lab: Lab, layers: int | None) -> None:
    """The first worker leaves out 100 %. The second does too, or measures it because the GPU has more room by then."""
    lab.double.auto_layers = 3
    test = lab.test("offload-sweep", offloadPercent=[100, 75, 50], minRepetitions=2, maxRepetitions=2)

    def let_go(_: object) -> None:
        if len(sessions.runs(test)) == 3:
            raise Superseded

    lab.checkpoint = let_go
    with pytest.raises(Superseded):
        lab.run(test, by="one")
    first = [(run.conditions, run.repetition) for run in sessions.runs(test)]
    assert first == [({"offloadPercent": 75}, 1), ({"offloadPercent": 75}, 2), ({"offloadPercent": 50}, 1)]
    lab.checkpoint, lab.double.auto_layers = lambda _: None, layers
    metrics = lab.run(test, by="two")
    measured = {100: 50, 75: 40, 50: 15} if layers is None else {75: 40, 50: 15}
    assert rates(metrics) == pytest.approx(measured)
    assert [point["point"]["offloadPercent"] for point in metrics["points"]] == list(measured)
    assert {point["runs"] for point in metrics["points"]} == {2}
    for run in sessions.runs(test):
        assert run.metrics["vramShare"] == pytest.approx(run.conditions["offloadPercent"], abs=0.1)


def test_a_server_that_ignores_the_requested_layers_is_flagged(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(lab.double), "vram_share", lambda *_: 1.0)
    metrics = lab.run(lab.test("offload-sweep", offloadPercent=[0, 100]))
    found = find_verdict(metrics, "offload-ignored")
    assert found["point"] == {"offloadPercent": 0}
    assert found["evidence"] == {"layers": 0, "vramShare": 100}


@pytest.mark.parametrize("relation", ["copy", "create"])
def test_a_model_in_memory_under_another_name_is_measured(lab: Lab, relation: str) -> None:
    getattr(lab.double, relation)("tiny:latest", "copy:latest")
    lab.double.load("copy:latest", {"num_ctx": 512})
    metrics = lab.run(lab.test("offload-sweep", offloadPercent=[100]))
    assert (metrics["decodeTokensPerSecond"], metrics["vramShare"]) == pytest.approx((50, 100))


def test_the_cliff_is_the_steepest_step_in_any_order_of_points() -> None:
    def point(share: int, value: float) -> dict[str, Any]:
        return {"point": {"offloadPercent": share}, "statistics": {"decodeTokensPerSecond": {"value": value}}}

    found = OffloadSweep().finding(TestMetrics.parse({"points": [point(100, 90), point(0, 5), point(50, 80)]}))
    assert found.endswith("The largest step is from 50 % to 0 %.")


def test_a_real_server_without_gpu_is_refused(lab: Lab, ollama_url: str) -> None:
    lab.url = ollama_url
    with pytest.raises(TestFailure, match="no part of tiny:latest on a GPU"):
        lab.run(lab.test("offload-sweep"))
