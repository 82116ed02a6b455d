from typing import Any

from common.metrics import METRICS
from common.models import Run
from worker.summary import samples, summarise
from worker.verdicts import no_readings
from worker.workloads.decode import Decode

DECODE = Decode.test_type
USAGE = {"readings": 4, "ram": 100, "vram": None, "cpu": 50, "gpu": None}
UNSEEN = {"readings": 0, "ram": None, "vram": None, "cpu": None, "gpu": None}


def run(repetition: int, rate: float | None, **record: Any) -> Run:
    figures = {"decodeTokensPerSecond": rate, "tokensPerSecond": rate, "inferenceTime": 100.0, "queueTime": None}
    return Run(
        repetition=repetition, figures=figures, record={"usage": USAGE, "rejected": [], "verdicts": [], **record}
    )


def test_metrics_are_the_medians_with_their_distributions() -> None:
    found = summarise(DECODE, [run(n, rate) for n, rate in enumerate((99, 100, 101), start=1)], [])
    assert (found["tokensPerSecond"], found["decodeTokensPerSecond"], found["inferenceTime"]) == (100, 100, 100)
    assert found["headline"] == {"name": "decodeTokensPerSecond", "unit": "tokens/s"}
    assert found["runs"] == {"counted": 3, "rejected": 0}
    distribution = found["statistics"]["decodeTokensPerSecond"]
    assert (distribution["n"], distribution["min"], distribution["max"]) == (3, 99, 101)
    assert all(METRICS[name].unit == found["statistics"][name]["unit"] for name in found["statistics"])


def test_what_the_machine_did_is_joined_over_the_runs() -> None:
    found = summarise(DECODE, [run(1, 100), run(2, 100, usage=UNSEEN), run(3, 100)], [])
    assert (found["ramUsage"], found["cpuUsage"], found["vramUsage"], found["gpuUsage"]) == (100, 50, None, None)
    assert found["readings"] == 8


def test_runs_that_do_not_tell_are_left_out_and_what_none_tells_is_unknown() -> None:
    assert samples([run(1, None), run(2, 5), run(3, 7)], "decodeTokensPerSecond") == [5, 7]
    found = summarise(DECODE, [run(1, None), run(2, None), run(3, None)], [])
    assert found["tokensPerSecond"] is None
    assert "decodeTokensPerSecond" not in found["statistics"]
    assert "queueTime" not in found


def names(found: dict[str, Any]) -> list[str]:
    return [verdict["name"] for verdict in found["verdicts"]]


def test_a_steady_test_has_no_verdict() -> None:
    assert names(summarise(DECODE, [run(n, 100) for n in (1, 2, 3)], [None])) == []


def test_verdicts_on_the_test_come_with_those_found_before() -> None:
    runs = [run(n, rate, usage=UNSEEN, rejected=["why"]) for n, rate in enumerate((50, 100, 150), start=1)]
    found = summarise(DECODE, runs, [no_readings()])
    assert names(found) == ["no-readings", "unsettled", "runs-rejected", "no-readings"]
    assert found["runs"] == {"counted": 3, "rejected": 3}


def test_a_verdict_of_several_runs_is_told_once_with_their_numbers() -> None:
    flag = {"name": "clocks-disagree", "severity": "flags", "evidence": {}, "advice": "…"}
    found = summarise(DECODE, [run(1, 100, verdicts=[flag]), run(2, 100), run(3, 100, verdicts=[flag])], [])
    assert found["verdicts"] == [{**flag, "repetitions": [1, 3]}]
