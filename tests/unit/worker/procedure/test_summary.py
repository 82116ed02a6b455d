from dataclasses import asdict
from typing import Any

from common.catalogue.metrics import METRICS
from common.ollama.models import LoadedModel
from common.records.usage import Usage
from common.store.tables import Run
from worker.procedure import summary
from worker.procedure.summary import evaluate
from worker.test_types.decode import Decode
from worker.verdicts.machine import no_readings
from worker.workload.point_runs import PointRuns

DECODE = Decode()
USAGE = {"readings": 4, "ram": 100, "vram": None, "cpu": 50, "gpu": None}
UNSEEN: dict[str, Any] = {"readings": 0, "ram": None, "vram": None, "cpu": None, "gpu": None}
NOBODY = Usage(**UNSEEN)
FLAG = {"name": "clocks-disagree", "severity": "flags", "evidence": {"client": 1}, "advice": "…", "point": {}}


def run(repetition: int, rate: float | None, **record: Any) -> Run:
    metrics = {"decodeTokensPerSecond": rate, "tokensPerSecond": rate, "inferenceTime": 100.0, "queueTime": None}
    sound = {
        "window": [repetition, repetition],
        "usage": USAGE,
        "loaded": [],
        "rejected": [],
        "verdicts": [],
        "own": [],
        "requests": [{"labels": {}, "figures": metrics, "clock": "kernel"}],
    }
    return Run(repetition=repetition, metrics=metrics, record={**sound, **record})


def measured_points(runs: list[Run]) -> list[PointRuns]:
    return [PointRuns(0, {}, runs)]


def summarise(*measured: Any) -> dict[str, Any]:
    return summary.summarise(*measured).as_json()


def test_metrics_are_the_medians_with_their_distributions() -> None:
    found = summarise(DECODE, measured_points([run(n, rate) for n, rate in enumerate((99, 100, 101), start=1)]), [])
    assert (found["tokensPerSecond"], found["decodeTokensPerSecond"], found["inferenceTime"]) == (100, 100, 100)
    assert found["headline"] == {"name": "decodeTokensPerSecond", "unit": "tokens/s", "point": {}}
    assert found["runs"] == {"counted": 3, "rejected": 0, "rejectionRate": 0}
    distribution = found["statistics"]["decodeTokensPerSecond"]
    assert (distribution["n"], distribution["min"], distribution["max"]) == (3, 99, 101)
    assert all(METRICS[name].unit == found["statistics"][name]["unit"] for name in found["statistics"])


def test_usage_is_combined_over_the_runs() -> None:
    found = summarise(DECODE, measured_points([run(1, 100), run(2, 100, usage=UNSEEN), run(3, 100)]), [])
    assert (found["ramUsage"], found["cpuUsage"], found["vramUsage"], found["gpuUsage"]) == (100, 50, None, None)
    assert found["readings"] == 8


def test_unknown_values_are_left_out_of_the_metrics() -> None:
    assert PointRuns(0, {}, [run(1, None), run(2, 5), run(3, 7)]).samples("decodeTokensPerSecond") == [[5], [7]]
    found = summarise(DECODE, measured_points([run(1, None), run(2, None), run(3, None)]), [])
    assert found["tokensPerSecond"] is None
    assert "decodeTokensPerSecond" not in found["statistics"]
    assert "queueTime" not in found


def test_the_clock_is_the_kernels_if_it_stamped_every_answer() -> None:
    late = run(2, 100)
    late.record["requests"][0]["clock"] = "client"
    assert summarise(DECODE, measured_points([run(1, 100), run(2, 100)]), [])["clock"] == "kernel"
    assert summarise(DECODE, measured_points([run(1, 100), late]), [])["clock"] == "client"


def names(found: dict[str, Any]) -> list[str]:
    return [verdict["name"] for verdict in found["verdicts"]]


def flags(runs: list[Run], idle: Usage = NOBODY) -> list[str]:
    return [verdict.name for verdict in evaluate(DECODE, measured_points(runs), idle)]


def test_a_steady_test_has_no_verdict() -> None:
    runs = [run(n, 100) for n in range(1, 7)]
    assert flags(runs) == []
    assert names(summarise(DECODE, measured_points(runs), [])) == []


def test_verdicts_on_the_test_keep_their_order() -> None:
    runs = [run(n, rate, usage=UNSEEN, rejected=[FLAG]) for n, rate in enumerate((50, 60, 70, 80, 90, 100), start=1)]
    assert flags(runs) == ["unsettled", "drifting", "runs-rejected", "no-readings"]
    assert names(summarise(DECODE, measured_points(runs), [no_readings()])) == ["no-readings", "clocks-disagree"]


def test_rejected_attempts_are_counted_with_their_rate() -> None:
    found = summarise(DECODE, measured_points([run(1, 100, rejected=[FLAG] * 2), run(2, 100)]), [])
    assert found["runs"] == {"counted": 2, "rejected": 2, "rejectionRate": 0.5}


def test_a_verdict_on_several_runs_is_listed_once_with_their_repetitions() -> None:
    runs = [run(1, 100, verdicts=[FLAG]), run(2, 100), run(3, 100, verdicts=[FLAG])]
    assert summarise(DECODE, measured_points(runs), [])["verdicts"] == [{**FLAG, "repetitions": [1, 3]}]


def test_verdicts_of_rejected_attempts_are_listed_with_the_run_that_counts() -> None:
    why = {**FLAG, "name": "output-length", "severity": "rejects"}
    found = summarise(DECODE, measured_points([run(1, 100), run(2, 100, rejected=[why, why], verdicts=[FLAG])]), [])
    assert found["verdicts"] == [{**why, "repetitions": [2]}, {**FLAG, "repetitions": [2]}]


def test_a_series_that_falls_is_drifting() -> None:
    falling = [run(n, 100 - n) for n in range(1, 7)]
    assert "drifting" in flags(falling)
    assert "drifting" not in flags(falling[:4])
    assert "drifting" not in flags([run(n, rate) for n, rate in enumerate((99, 95, 98, 94, 97, 96), start=1)])


# Verdicts from readings


def with_usages(*usages: dict[str, Any]) -> list[Run]:
    return [run(n, 100, usage={**USAGE, **usage}) for n, usage in enumerate(usages, start=1)]


def test_load_is_evaluated_over_all_runs() -> None:
    assert flags(with_usages({"foreign": 60}, {"foreign": 1}, {"foreign": 1})) == ["foreign-load-during"]
    assert flags(with_usages({"foreign": 50}, {"foreign": 1}, {"foreign": 1})) == []
    assert flags(with_usages({"foreign_gpu": 31}, {"foreign_gpu": 0}, {"foreign_gpu": 0})) == ["foreign-load-during"]


def test_vram_by_the_server_is_compared_with_nvml() -> None:
    model = asdict(LoadedModel("m:latest", "d", 1000, 1000, None))
    missing, there = {"vram": 100, "foreign_vram": 50}, {"vram": 1100, "foreign_vram": 50}

    def names_with(*usages: dict[str, Any]) -> list[str]:
        return flags([run(n, 100, loaded=[model], usage={**USAGE, **usage}) for n, usage in enumerate(usages, 1)])

    assert names_with(missing, missing, missing) == ["vram-disagrees"]
    assert names_with(missing, there, there) == []


def test_one_throttled_run_is_enough() -> None:
    assert flags(with_usages({"throttle": {}}, {"throttle": {"power cap": 1}}, {"throttle": {}})) == ["throttled"]


def test_one_run_on_battery_is_enough() -> None:
    plugged, unplugged = {"on_battery": 0.0}, {"on_battery": 25.0}
    assert flags(with_usages(plugged, unplugged, plugged)) == ["on-battery"]
    assert flags(with_usages(plugged, plugged, plugged)) == []


def test_the_first_fifth_of_the_runs_is_compared_with_the_last() -> None:
    fast, slow = {"readings": 5, "frequency": 4000}, {"readings": 5, "frequency": 3000}
    assert flags(with_usages(fast, fast, fast, fast, slow)) == ["cpu-slowed"]
    assert flags(with_usages(fast, fast, slow, slow, fast)) == []
    assert flags(with_usages(slow, fast, fast, fast, slow, *[fast] * 4, slow)) == []  # two of ten each: means agree
    assert flags(with_usages(*[fast] * 8, slow, slow)) == ["cpu-slowed"]
    assert flags(with_usages(fast)) == []
    several = [
        PointRuns(i, {"promptTokens": i}, with_usages(usage, usage, usage)) for i, usage in enumerate((fast, slow))
    ]
    assert "cpu-slowed" not in [verdict.name for verdict in evaluate(DECODE, several, NOBODY)]  # each point is steady


def test_swap_growth_counts_from_the_baseline() -> None:
    idle = Usage(5, None, None, None, None, swap_first=0, swap_last=0, swap_share=0.0)
    swapped = {"swap_first": 100 << 20, "swap_last": 100 << 20, "swap_share": 1.0}
    runs = with_usages(swapped, swapped, swapped)
    assert flags(runs, idle) == ["swapping"]
    assert flags(runs) == []
