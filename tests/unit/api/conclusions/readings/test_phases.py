from api.conclusions.readings.phases import reduced
from common.records.machine import PhaseRecord, RunPhase

INFINITE = (float("-inf"), float("inf"))


def phases(*spans: tuple[str, float, float], test_type: str = "decode") -> list[RunPhase]:
    def of_run(phase: str, start: float, end: float) -> RunPhase:
        run = PhaseRecord(phase=phase, start=start, end=end)
        return {**run, "model_name": "tiny:latest", "test_type": test_type, "point": 0, "repetition": 1}

    return [of_run(*span) for span in spans]


def spans(found: object) -> list[tuple[str, float, float]]:
    assert isinstance(found, list)
    return [(phase["phase"], phase["start"], phase["end"]) for phase in found]


def test_few_phases_stay_unchanged() -> None:
    few = phases(("prefill", 0, 4), ("decode", 4, 10))
    assert reduced(few, INFINITE, 2) is few


def test_each_part_becomes_its_longest_phase() -> None:
    many = phases(("load", 0, 6), ("prefill", 6, 11), ("decode", 11, 20))
    assert spans(reduced(many, INFINITE, 2)) == [("load", 0, 10), ("decode", 10, 20)]


def test_equal_neighbours_are_joined_and_gaps_stay() -> None:
    many = phases(("decode", 0, 9), ("decode", 10, 20), ("decode", 40, 50), ("decode", 50, 60), ("load", 60, 60.5))
    assert spans(reduced(many, (0, 60), 3)) == [("decode", 0, 20), ("decode", 40, 60)]


def test_tests_are_not_joined() -> None:
    many = [*phases(("decode", 0, 5), ("decode", 5, 10)), *phases(("decode", 10, 20), test_type="ttft")]
    assert [phase["test_type"] for phase in reduced(many, INFINITE, 2)] == ["decode", "ttft"]


def test_only_the_window_is_divided() -> None:
    many = phases(("load", 0, 100), ("decode", 100, 110), ("prefill", 110, 200))
    assert spans(reduced(many, (90, 120), 2)) == [("load", 90, 105), ("prefill", 105, 120)]


def test_phases_without_duration_are_not_divided() -> None:
    assert spans(reduced(phases(("load", 5, 5), ("decode", 5, 5)), INFINITE, 1)) == [("load", 5, 5)]
