from dataclasses import replace
from itertools import starmap

from api.web.pages.charts import charts
from api.web.pages.charts.curves import knees, medians
from api.web.pages.charts.dots import lanes
from api.web.pages.charts.figures import Figure, Mark, Trace
from api.web.pages.presentation.colours import COLOURS
from api.web.pages.session.measured_test import MeasuredTest, downsampled
from common.catalogue.charts import PROMPT_LENGTH, USERS, CurveChart
from common.records.test_metrics import TestMetrics
from common.store.reads.runs import MachineDuringRun, RunMetrics
from tests.support.stored.measured import Plan, decode, metrics, prefill

FLAGGED = {
    "name": "rates-disagree",
    "severity": "flags",
    "evidence": {},
    "advice": "look",
    "point": {},
    "repetitions": [2],
}


def of(plan: Plan, model: str = "tiny", series: int = 0, during: list[MachineDuringRun] | None = None) -> MeasuredTest:
    runs = [
        RunMetrics(number, repetition, figures)
        for number, (_, found) in enumerate(plan.points)
        for repetition, figures in enumerate(found, start=1)
    ]
    return MeasuredTest(
        model, series, TestMetrics.parse(metrics(plan)), [point for point, _ in plan.points], runs, during or []
    )


def dots(figure: Figure) -> list[Trace]:
    return [trace for trace in figure.traces if trace.look == "dots"]


def test_each_run_is_a_dot_in_its_models_lane() -> None:
    [figure] = charts("decode", [of(decode(40.0, 41.0, 42.0)), of(decode(50.0, 51.0, 80.0), "small", 1)])
    tiny, small = dots(figure)
    assert [tiny.y, small.y] == [[40.0, 41.0, 42.0], [50.0, 51.0, 80.0]]
    assert all(-0.5 < x < 0.5 for x in tiny.x if isinstance(x, float))
    assert list(small.x) == sorted(x for x in small.x if isinstance(x, float))
    assert [name for _, name in figure.x.names] == ["tiny", "small"]
    assert (tiny.series, small.series) == (0, 1)
    assert (figure.y.unit, figure.y.better) == ("tokens/s", "higher")


def test_medians_with_their_intervals_stand_in_the_table_and_the_dots_do_not() -> None:
    [figure] = charts("decode", [of(decode(40.0, 41.0, 42.0, 40.5, 41.0, 41.5))])
    [(name, lane, median, low, high, note)] = figure.rows()
    assert (name, lane, median, note) == ("median", "tiny", 41.0, "n = 6")
    assert low is not None
    assert high is not None
    assert 40.0 <= low <= 41.0 <= high <= 42.0


def test_a_run_that_a_verdict_befell_is_hollow_and_says_why() -> None:
    [figure] = charts("decode", [of(decode(40.0, 41.0, 42.0, verdicts=[FLAGGED]))])
    [runs] = dots(figure)
    assert runs.hollow == [False, True, False]
    assert runs.notes == ["run 1", "run 2; flagged: rates-disagree", "run 3"]


def test_an_outlier_is_called_one() -> None:
    [figure] = charts("decode", [of(decode(40.0, 40.1, 39.9, 40.2, 80.0))])
    [runs] = dots(figure)
    assert runs.notes is not None
    assert runs.notes[-1] == "run 5; outlier"


def test_prefill_is_drawn_over_the_prompt_with_each_run_at_its_place() -> None:
    plan = prefill({128: [900.0, 910.0, 920.0], 1024: [1500.0, 1510.0, 1520.0]})
    [figure] = charts("prefill", [of(plan)])
    [line] = [trace for trace in figure.traces if trace.look == "line"]
    assert (list(line.x), list(line.y)) == ([128, 1024], [910.0, 1510.0])
    assert [list(trace.x) for trace in dots(figure)] == [[128.0] * 3 + [1024.0] * 3]
    assert (figure.x.title, figure.x.unit, figure.x.scale) == ("prompt", "tokens", "log")


def test_one_length_alone_is_no_curve() -> None:
    [figure] = charts("prefill", [of(prefill({128: [900.0, 910.0]}))])
    assert figure.x.names == [(0, "tiny")]


def test_the_turns_of_a_conversation_have_no_runs_of_their_own() -> None:
    plan = Plan("timeToFirstToken", [({"turn": turn}, [{"timeToFirstToken": 10.0 * turn}]) for turn in (1, 2, 3)])
    whole = of(plan)
    conversation = MeasuredTest("tiny", 0, whole.metrics, [{}], [RunMetrics(0, 1, {"timeToFirstToken": 30.0})])
    [figure] = charts("multi-turn", [conversation])
    [line] = figure.traces
    assert (list(line.x), list(line.y)) == ([1, 2, 3], [10.0, 20.0, 30.0])


def test_what_differs_in_more_than_its_place_has_lines_of_its_own_in_the_models_colour() -> None:
    points = [({"promptTokens": 512, "prefix": prefix}, [{"timeToFirstToken": 9.0}]) for prefix in ("new", "cached")]
    points += [({"promptTokens": 1024, "prefix": prefix}, [{"timeToFirstToken": 9.0}]) for prefix in ("new", "cached")]
    chart = CurveChart("How long?", "timeToFirstToken", PROMPT_LENGTH)
    figure = medians(chart, [of(Plan("timeToFirstToken", points))])
    lines = [trace for trace in figure.traces if trace.look == "line"]
    assert [(line.name, line.series) for line in lines] == [("tiny, new prefix", 0), ("tiny, cached prefix", COLOURS)]


def concurrency(knee: float) -> Plan:
    points = [
        ({"users": users}, [{"aggregateTokensPerSecond": 40.0 * users, "timeToFirstToken": 20.0}]) for users in (1, 2)
    ]
    return Plan("aggregateTokensPerSecond", points, {"users": [1, 2]}, overall={"kneeUsers": knee})


def test_throughput_and_the_wait_are_drawn_over_the_users_with_the_knee() -> None:
    throughput, wait = charts("concurrency", [of(concurrency(2.0))])
    assert (throughput.y.title, wait.y.title) == ("throughput", "TTFT")
    assert throughput.marks == wait.marks == [Mark(2.0, "knee")]
    assert throughput.x.title == USERS.title


def test_the_mark_of_one_model_gives_the_range_of_its_knee() -> None:
    plan = concurrency(2.0)
    for high, name in ((4.0, "knee (2 to 4)"), (2.0, "knee"), (None, "knee")):
        ranged = replace(plan, overall={"kneeUsers": 2.0, "kneeUsersLow": 2.0, "kneeUsersHigh": high})
        assert knees([of(ranged)]) == [Mark(2.0, name)]


def test_models_that_share_a_knee_share_its_mark() -> None:
    tests = [of(concurrency(knee), name) for name, knee in (("a", 2.0), ("b", 1.0), ("c", 2.0))]
    assert knees(tests) == [Mark(1.0, "knee: b"), Mark(2.0, "knee: a, c")]


def test_the_wait_under_load_is_drawn_over_the_load_that_was_offered() -> None:
    points = [
        (
            {"loadPercent": percent},
            [{"timeToFirstToken": 20.0 * percent, "goodputShare": 90.0, "offeredRequestsPerSecond": percent / 10}] * 60,
        )
        for percent in (50, 100)
    ]
    absolute = {"timeToFirstToken": 90.0, "goodputShare": 80.0, "offeredRequestsPerSecond": 20.0}
    points.append(({"requestsPerSecond": 20}, [absolute] * 20))
    wait, share = charts("open-loop", [of(Plan("goodputShare", points, {"loadPercent": [50, 100]}))])
    assert [list(trace.x) for trace in wait.traces if trace.legend] == [[5.0, 10.0, 20.0], [5.0, 10.0, 20.0]]
    assert wait.traces[-1].name == "tiny, 95th percentile"
    assert [list(trace.x) for trace in share.traces if trace.legend] == [[5.0, 10.0, 20.0]]


def test_a_sustained_rate_stands_beside_the_clocks_and_temperatures_that_are_known() -> None:
    clocks = {"smClock": 1900.0, "gpuTemperature": 60.0, "cpuFrequency": None, "cpuTemperature": None}
    written = [MachineDuringRun(1000.0, clocks), MachineDuringRun(61_000.0, clocks | {"smClock": 1500.0})]
    frequency, warmth = charts("sustained", [of(decode(40.0, 30.0), during=written)])
    rate, clock = frequency.traces
    assert (list(rate.x), list(rate.y)) == ([0.0, 1.0], [40.0, 30.0])
    assert (clock.name, list(clock.y), clock.second) == ("tiny, SM clock", [1900.0, 1500.0], True)
    assert frequency.y2 is not None
    assert frequency.y2.unit == "MHz"
    assert [trace.name for trace in warmth.traces] == ["tiny", "tiny, GPU temperature"]


def test_a_sustained_rate_stands_alone_where_nobody_read_the_machine() -> None:
    nothing = dict.fromkeys(("smClock", "gpuTemperature", "cpuFrequency", "cpuTemperature"))
    [figure] = charts("sustained", [of(decode(40.0), during=[MachineDuringRun(1000.0, nothing)])])
    assert figure.y2 is None


def test_lanes_that_are_many_have_a_figure_for_each_point() -> None:
    plan = prefill({128: [900.0], 1024: [1500.0]})
    names = [f"m{number}" for number in range(5)]
    figures = lanes("Runs", list(starmap(of, [(plan, name) for name in names])), "promptTokensPerSecond")
    assert [figure.title for figure in figures] == ["Runs 128 prompt tokens", "Runs 1024 prompt tokens"]
    assert [[name for _, name in figure.x.names] for figure in figures] == [names, names]


def test_what_is_not_known_here_shows_its_runs() -> None:
    [figure] = charts("of-tomorrow", [of(decode(40.0, 41.0))])
    assert dots(figure)[0].y == [40.0, 41.0]


def test_nothing_measured_is_no_chart() -> None:
    assert charts("decode", []) == []
    assert charts("decode", [of(Plan("decodeTokensPerSecond", [({}, [])]))]) == []


def test_runs_that_are_too_many_lose_no_spike() -> None:
    rates = [40.0 + number % 7 for number in range(10_000)]
    rates[4321], rates[8765] = 1.0, 99.0
    runs = [RunMetrics(0, number, {"decodeTokensPerSecond": rate}) for number, rate in enumerate(rates, start=1)]
    kept = downsampled(runs, "decodeTokensPerSecond", 500)
    assert 400 < len(kept) <= 500
    assert [run.repetition for run in kept] == sorted({run.repetition for run in kept})
    assert {4322, 8766} <= {run.repetition for run in kept}
    assert downsampled(runs[:500], "decodeTokensPerSecond", 500) == runs[:500]
