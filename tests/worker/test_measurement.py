import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest
from redis import Redis

from common import queries, streams
from common.errors import ClaimLost, OllamaRefused, OllamaUnreachable, TestFailure
from common.models import LogLine, Phase, Run, Test
from common.ollama import Ollama
from common.redis import readings_of
from sampler.readings import Cpu, Energy, Gpu, Memory, Reading
from sampler.readings import Ollama as Processes
from tests.support.ollama_double import OllamaDouble, Script, Timing
from tests.support.sessions import OPTIONS, claim, create
from worker import measurement, telemetry
from worker.measurement import Measurement
from worker.ollama import Driver
from worker.report import Report
from worker.workload import Bench, Workload
from worker.workloads.cold_start import ColdStart
from worker.workloads.decode import Decode

pytestmark = pytest.mark.usefixtures("tables")

MS = 1_000_000
STEADY = {"eval_duration": 150 * MS}  # 16 tokens: 100 a second
ENDED_EARLY = Script(last={"done_reason": "stop"})
DIED = Script(status=500, error="the runner has terminated")


@dataclass
class Lab:
    """Measures the one test of a session on a double whose rates are steady."""

    redis: Redis
    double: OllamaDouble
    checkpoint: Callable[[Report], None] = lambda _: None

    def test(self, **options: int) -> Test:
        (test,) = queries.tests(create(test_types={"decode": {**OPTIONS, **options}}).id)
        return test

    def run(
        self,
        test: Test,
        *faults: Script,
        during: Phase = Phase.MEASURING,
        by: str = "me",
        workload: Workload | None = None,
    ) -> dict[str, Any]:
        """Measure; the faults befall the first requests of a phase."""
        report = Report(self.redis, claim(test.session, by), test)
        left = list(faults)

        def checkpoint() -> None:
            if report.phase == during:
                self.double.order(*left)
                left.clear()
            self.checkpoint(report)

        bench = Bench(Driver(Ollama(self.double.url)), test.model, test.options)
        return Measurement(workload or Decode(), bench, report, self.redis, "local", checkpoint).run()


@pytest.fixture
def lab(redis: Redis, double: OllamaDouble, monkeypatch: pytest.MonkeyPatch) -> Lab:
    monkeypatch.setattr(measurement, "BACKOFF_S", 0.001)
    double.last = STEADY
    return Lab(redis, double)


def at_rates(*rates: float) -> Iterable[Script]:
    return [Script(last={"eval_duration": int(15e9 / rate)}) for rate in rates]


def repetitions(test: Test) -> list[int]:
    return [run.repetition for run in queries.runs(test)]


def rejected(test: Test) -> list[list[str]]:
    """The names of what each run's draws were rejected for."""
    return [[verdict["name"] for verdict in run.record["rejected"]] for run in queries.runs(test)]


def errors(test: Test) -> list[str]:
    """What the server said at the draws of the first run."""
    return [verdict["evidence"]["error"] for verdict in queries.runs(test)[0].record["rejected"]]


def told(metrics: dict[str, Any], name: str) -> dict[str, Any]:
    (verdict,) = [verdict for verdict in metrics["verdicts"] if verdict["name"] == name]
    assert isinstance(verdict, dict)
    return verdict


def logged(test: Test, name: str) -> int:
    return LogLine.select().where(LogLine.test == test, LogLine.text.startswith(f"{name} (")).count()


def verdicts(metrics: dict[str, Any]) -> set[str]:
    return {verdict["name"] for verdict in metrics["verdicts"]}


# What is measured


def test_figures_are_those_of_server_and_client(lab: Lab) -> None:
    lab.double.timing = Timing(load=5, first=20, each=2)
    lab.double.last = {}
    test = lab.test(minRepetitions=3, maxRepetitions=3)
    metrics = lab.run(test)
    for run in queries.runs(test):
        server, arrivals = run.record["server"], run.record["contentUs"]
        assert run.figures["decodeTokensPerSecond"] == pytest.approx(15e9 / server["output_ns"])
        assert run.figures["tokensPerSecond"] == run.figures["decodeTokensPerSecond"]
        assert run.figures["inferenceTime"] == pytest.approx(arrivals[-1] / 1000, abs=0.001)
        assert run.figures["timeToFirstToken"] >= 20  # the double waits at least so long
        assert server["total_ns"] <= run.record["doneUs"] * 1000 + 1000
        assert len(arrivals) == server["output_tokens"] == 16
        assert abs(server["prompt_tokens"] - 64) <= 2
        assert run.record["window"][0] <= run.record["window"][1]
    rates = sorted(run.figures["tokensPerSecond"] for run in queries.runs(test))
    assert metrics["tokensPerSecond"] == rates[1]


def test_no_prompt_is_used_twice_and_all_requests_have_one_shape(lab: Lab) -> None:
    lab.run(lab.test(minRepetitions=4, maxRepetitions=4))
    heads = [seen.prompt[:12] for seen in lab.double.seen]
    assert all(head.isdigit() for head in heads)
    assert len(set(heads)) == len(heads)
    assert {seen.options["num_ctx"] for seen in lab.double.seen} == {512}
    assert [seen.options["num_predict"] for seen in lab.double.seen[-6:]] == [16] * 6  # two warm-ups, four runs


IDLE = Reading("local", Cpu(40, (40,), 4000, None), Memory(1 << 30, 0, 0, 0), Processes(1, 39, 1000), (), Energy(None))


@contextmanager
def sampler(lab: Lab, taken: Callable[[], Reading]) -> Iterator[None]:
    """Publishes a reading every few milliseconds, the first before anything else happens."""
    stop = threading.Event()

    def sample() -> None:
        while not stop.wait(0.002):
            publish()

    def publish() -> None:
        streams.append(lab.redis, taken().message(), readings_of("local"), keep=10_000)

    publish()
    thread = threading.Thread(target=sample)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@pytest.fixture
def watched(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """Runs long enough for readings, after a look at the quiet machine that is short."""
    monkeypatch.setattr(telemetry, "QUIET_S", 0.05)
    monkeypatch.setattr(telemetry, "SETTLING_MS", 10)
    lab.double.timing = Timing(first=50)
    return lab


MACHINE = {"no-readings", "foreign-load", "foreign-load-during", "throttled", "cpu-slowed", "swapping"}


def test_what_the_sampler_saw_in_the_windows_stands_in_the_metrics(watched: Lab) -> None:
    with sampler(watched, lambda: IDLE):
        metrics = watched.run(watched.test(minRepetitions=3))
    assert (metrics["ramUsage"], metrics["cpuUsage"], metrics["vramUsage"]) == (1000, 40, None)
    assert metrics["readings"] > 0
    assert not MACHINE & verdicts(metrics)


def test_load_before_and_during_the_runs_is_flagged_and_logged(watched: Lab) -> None:
    assert IDLE.cpu is not None
    busy = replace(IDLE, cpu=replace(IDLE.cpu, percent=90))
    test = watched.test()
    with sampler(watched, lambda: busy):
        metrics = watched.run(test)
    assert MACHINE & verdicts(metrics) == {"foreign-load", "foreign-load-during"}
    for name in ("foreign-load", "foreign-load-during"):
        assert told(metrics, name)["evidence"]["foreignCpu"] == 51
        assert logged(test, name) == 1


def test_a_machine_that_changes_on_the_way_is_flagged(watched: Lab) -> None:
    """It swaps, slows down, and its GPU becomes hot, after the third run."""
    assert IDLE.cpu is not None
    assert IDLE.memory is not None
    hot = Gpu(0, "G", 100, None, None, None, None, None, None, None, None, ("hardware thermal",))
    after = replace(
        IDLE, cpu=replace(IDLE.cpu, frequency=3000), memory=replace(IDLE.memory, swap_used=100 << 20), gpus=(hot,)
    )
    seen = watched.double.seen
    with sampler(watched, lambda: after if sum(one.options["num_predict"] == 16 for one in seen) > 5 else IDLE):
        metrics = watched.run(watched.test(minRepetitions=5, maxRepetitions=5))
    assert MACHINE & verdicts(metrics) == {"throttled", "cpu-slowed", "swapping"}
    assert told(metrics, "cpu-slowed")["evidence"] == {"first": 4000, "last": 3000}
    assert told(metrics, "swapping")["evidence"]["growth"] == 100 << 20
    assert 0 < told(metrics, "throttled")["evidence"]["reasons"]["hardware thermal"] < 100


def test_a_gpu_that_is_busy_before_the_test_is_flagged(watched: Lab) -> None:
    playing = Gpu(0, "G", 80, None, None, None, None, None, None, None, None, ())
    with sampler(watched, lambda: replace(IDLE, gpus=(playing,))):
        metrics = watched.run(watched.test())
    assert told(metrics, "foreign-load")["evidence"]["gpu"] == 80


def test_without_a_sampler_the_timings_stand(lab: Lab) -> None:
    metrics = lab.run(lab.test())
    assert metrics["tokensPerSecond"] == pytest.approx(100)
    assert (metrics["ramUsage"], metrics["cpuUsage"]) == (None, None)
    assert "no-readings" in verdicts(metrics)


# Where it stops


def test_it_stops_at_the_fewest_runs_once_the_median_is_known(lab: Lab) -> None:
    test = lab.test(minRepetitions=4, maxRepetitions=20)
    metrics = lab.run(test)
    assert repetitions(test) == [1, 2, 3, 4]
    assert "unsettled" not in verdicts(metrics)


def test_it_stops_when_the_interval_has_become_narrow(lab: Lab) -> None:
    test = lab.test(minRepetitions=3, maxRepetitions=30)
    lab.run(test, *at_rates(50, 150, 90))
    assert 3 < len(repetitions(test)) < 30


def test_it_stops_at_the_most_runs_and_says_so(lab: Lab) -> None:
    test = lab.test(minRepetitions=3, maxRepetitions=6)
    metrics = lab.run(test, *at_rates(50, 150, 50, 150, 50, 150))
    assert repetitions(test) == [1, 2, 3, 4, 5, 6]
    assert "unsettled" in verdicts(metrics)


# Warming up


def warm_ups(test: Test) -> int:
    return LogLine.select().where(LogLine.test == test, LogLine.text.startswith("warm-up")).count()


def test_a_machine_that_agrees_with_itself_is_warm_after_two(lab: Lab) -> None:
    test = lab.test()
    assert "unstable-warm-up" not in verdicts(lab.run(test))
    assert warm_ups(test) == 2


def test_warming_up_goes_on_until_two_agree(lab: Lab) -> None:
    test = lab.test()
    assert "unstable-warm-up" not in verdicts(lab.run(test, *at_rates(25, 50, 98), during=Phase.WARMING_UP))
    assert warm_ups(test) == 4


def test_a_machine_that_does_not_settle_is_measured_and_flagged(lab: Lab) -> None:
    test = lab.test()
    metrics = lab.run(test, *at_rates(10, 20, 40, 80, 160), during=Phase.WARMING_UP)
    assert warm_ups(test) == 5
    assert "unstable-warm-up" in verdicts(metrics)


def test_a_model_that_is_partly_on_the_cpu_is_flagged(lab: Lab) -> None:
    lab.double.size_vram_share = 0.5
    assert "partly-on-cpu" in verdicts(lab.run(lab.test()))


# Runs that do not count


@pytest.mark.parametrize(
    ("last", "name"),
    [
        ({"done_reason": "stop", "eval_count": 9}, "output-length"),
        ({"eval_count": 15}, "output-length"),
        ({"prompt_eval_count": 32}, "prompt-length"),
        ({"prompt_eval_count": None}, "prompt-length"),
        ({"prompt_eval_cached_count": 40}, "prompt-cached"),
    ],
)
def test_a_rejected_run_is_drawn_again_with_another_prompt(lab: Lab, last: dict[str, Any], name: str) -> None:
    test = lab.test(minRepetitions=2)
    metrics = lab.run(test, Script(last=last))
    assert repetitions(test) == [1, 2]
    assert rejected(test) == [[name], []]
    assert metrics["runs"] == {"counted": 2, "rejected": 1, "rejectionRate": pytest.approx(1 / 3)}
    assert "runs-rejected" in verdicts(metrics)
    assert told(metrics, name)["repetitions"] == [1]
    assert len({seen.prompt for seen in lab.double.seen}) == len(lab.double.seen)


def test_a_run_is_drawn_again_three_times_at_most(lab: Lab) -> None:
    test = lab.test(minRepetitions=1, maxRepetitions=1)
    lab.run(test, *[ENDED_EARLY] * 3)
    assert len(rejected(test)[0]) == 3
    with pytest.raises(TestFailure, match="run 1 was rejected 4 times, last for: output-length"):
        lab.run(lab.test(), *[ENDED_EARLY] * 4)


def test_an_error_that_may_pass_is_tried_again_and_recorded(lab: Lab) -> None:
    test = lab.test(minRepetitions=2)
    lab.run(test, DIED, Script(at=3, then="cut"), Script(at=None, then="cut"))
    assert rejected(test) == [["request-failed"] * 3, []]
    died, cut, gone = errors(test)
    assert "500: the runner has terminated" in died
    assert "was cut" in cut
    assert "cannot be reached" in gone


def test_an_error_that_stays_ends_the_test(lab: Lab) -> None:
    test = lab.test()
    with pytest.raises(OllamaRefused, match="the runner has terminated"):
        lab.run(test, *[DIED] * 4)
    assert repetitions(test) == []


def test_an_error_that_cannot_pass_is_not_tried_again(lab: Lab) -> None:
    with pytest.raises(OllamaRefused, match="no such option"):
        lab.run(lab.test(), Script(status=400, error="no such option"))
    assert not lab.double.scripts
    assert lab.double.seen[-1].options["num_predict"] == 16
    before_runs = sum(seen.options["num_predict"] == 16 for seen in lab.double.seen)
    assert before_runs == 3  # two warm-ups and the one run


@pytest.mark.parametrize("during", [Phase.PREPARING, Phase.WARMING_UP])
def test_an_error_that_may_pass_is_tried_again_before_the_runs_too(lab: Lab, during: Phase) -> None:
    test = lab.test()
    lab.run(test, DIED, during=during)
    assert repetitions(test) == [1, 2]
    assert rejected(test) == [[], []]
    (line,) = LogLine.select().where(LogLine.text.startswith("tried again"))
    assert "500: the runner has terminated" in line.text


@pytest.mark.parametrize("during", [Phase.PREPARING, Phase.WARMING_UP])
def test_an_error_that_stays_ends_the_test_before_the_runs_too(lab: Lab, during: Phase) -> None:
    with pytest.raises(OllamaRefused, match="the runner has terminated"):
        lab.run(lab.test(), *[DIED] * 4, during=during)
    assert not lab.double.scripts


def test_a_server_that_has_gone_ends_the_test(lab: Lab) -> None:
    gone = replace(lab)
    with OllamaDouble() as double:
        gone.double = double
        test = lab.test()
    with pytest.raises(OllamaUnreachable, match="is it running there"):
        gone.run(test)


# Runs that are not what they claim to be


def agreeing(lab: Lab) -> None:
    """Make the double's tokens come slowly enough for both clocks to agree on them."""
    lab.double.timing, lab.double.last = Timing(first=2, each=2), {}


def test_a_sound_run_has_no_verdict_of_its_own(lab: Lab) -> None:
    agreeing(lab)
    test = lab.test(minRepetitions=2, maxRepetitions=2)
    lab.run(test)
    assert [run.record["verdicts"] for run in queries.runs(test)] == [[], []]


def test_fields_and_rates_that_contradict_the_client_are_flagged(lab: Lab) -> None:
    agreeing(lab)
    test = lab.test(minRepetitions=3, maxRepetitions=3)
    metrics = lab.run(test, *[Script(last={"eval_duration": 300 * MS})] * 2)
    for name in ("fields-disagree", "rates-disagree"):
        assert (told(metrics, name)["severity"], told(metrics, name)["repetitions"]) == ("flags", [1, 2])
        assert logged(test, name) == 1  # the first time
    assert told(metrics, "fields-disagree")["evidence"]["residual"] < -250
    rates = told(metrics, "rates-disagree")["evidence"]
    assert rates["decodeTokensPerSecond"] == pytest.approx(50)
    assert rates["clientTokensPerSecond"] > 100


def test_what_was_in_memory_before_a_run_stands_in_its_record(lab: Lab) -> None:
    test = lab.test(minRepetitions=1, maxRepetitions=1)
    assert "other-model" not in verdicts(lab.run(test))
    ((loaded,),) = [run.record["loaded"] for run in queries.runs(test)]
    assert (loaded["name"], loaded["size"]) == ("tiny:latest", 7_077_287)


def test_another_model_in_memory_is_flagged(lab: Lab) -> None:
    lab.double.models = ("tiny:latest", "other:latest")
    lab.double.loaded["other:latest"] = 512
    found = told(lab.run(lab.test(minRepetitions=2, maxRepetitions=2)), "other-model")
    assert found["evidence"] == {"models": {"other:latest": {"size": 7_077_287, "sizeVram": 0}}}
    assert found["repetitions"] == [1, 2]


def test_a_model_under_another_name_is_the_same_one(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server lists a model by the name by which it was loaded, which may be that of a copy."""
    entry = OllamaDouble.entry
    monkeypatch.setattr(OllamaDouble, "entry", lambda self, name: {**entry(self, "tiny:latest"), "name": name})
    lab.double.models = ("tiny:latest", "copy:latest")
    test = lab.test(minRepetitions=2, maxRepetitions=2)
    monkeypatch.setattr(OllamaDouble, "load", lambda self, *_: self.loaded.update({"copy:latest": 512}))
    assert not {"other-model", "reloaded"} & verdicts(lab.run(test))
    assert [run.record["loaded"][0]["name"] for run in queries.runs(test)] == ["copy:latest"] * 2


def test_a_run_that_loaded_the_model_anew_is_drawn_again(lab: Lab) -> None:
    test = lab.test(minRepetitions=2, maxRepetitions=2)
    metrics = lab.run(test, Script(last={"load_duration": 600 * MS}))
    assert rejected(test) == [["reloaded"], []]
    evidence = told(metrics, "reloaded")["evidence"]
    assert (evidence["loadedBefore"], evidence["loadTime"]) == (True, 600)
    assert 0 <= evidence["warmUps"] < 60


def test_loading_that_is_usual_here_is_no_reload(lab: Lab) -> None:
    lab.double.last = {**STEADY, "load_duration": 100 * MS}
    test = lab.test(minRepetitions=1, maxRepetitions=1)
    lab.run(test, Script(last={"load_duration": 900 * MS}))
    assert rejected(test) == [[]]


class Evicted(Decode):
    """Somebody unloads the model between the look that `before_run` takes and the next, the first time."""

    evictions = 1

    def before_run(self, bench: Bench, spare_prompt: str) -> None:
        super().before_run(bench, spare_prompt)
        if self.evictions:
            self.evictions -= 1
            bench.driver.unload(bench.model)


def test_a_model_that_was_gone_before_a_warm_run_was_not_warm(lab: Lab) -> None:
    test = lab.test(minRepetitions=2, maxRepetitions=2)
    metrics = lab.run(test, workload=Evicted())
    assert rejected(test) == [["reloaded"], []]
    assert told(metrics, "reloaded")["evidence"]["loadedBefore"] is False


class Preloaded(ColdStart):
    """Somebody loads the model after `before_run` has unloaded it, the first time."""

    loads = 1

    def before_run(self, bench: Bench, spare_prompt: str) -> None:
        super().before_run(bench, spare_prompt)
        if self.loads:
            self.loads -= 1
            bench.generate(spare_prompt)


def test_a_model_that_was_there_before_a_cold_run_was_not_cold(lab: Lab) -> None:
    test = lab.test(minRepetitions=2, maxRepetitions=2)
    metrics = lab.run(test, workload=Preloaded())
    assert rejected(test) == [["still-loaded"], []]
    assert not {"reloaded", "other-model"} & verdicts(metrics)


def test_a_series_that_becomes_slower_is_flagged_and_logged(lab: Lab) -> None:
    test = lab.test(minRepetitions=6, maxRepetitions=6)
    metrics = lab.run(test, *at_rates(100, 98, 96, 94, 92, 90))
    assert told(metrics, "drifting")["evidence"]["share"] == pytest.approx(-100 * 10 / 95)
    assert metrics["statistics"]["decodeTokensPerSecond"]["drift"]["slope"] == pytest.approx(-2)
    assert logged(test, "drifting") == 1


# What cannot be measured


def test_a_context_beyond_the_model_is_refused_with_its_limit(lab: Lab) -> None:
    with pytest.raises(TestFailure, match="context of 8192 tokens; set contextLength to that"):
        lab.run(lab.test(contextLength=8193))
    assert not lab.double.seen


def test_a_server_that_counts_no_prompt_tokens_cannot_be_measured(lab: Lab) -> None:
    lab.double.last = {**STEADY, "prompt_eval_count": None}
    with pytest.raises(TestFailure, match="does not count the tokens"):
        lab.run(lab.test())


# Letting go and going on


class LetGo(Exception):
    pass


def test_it_goes_on_at_the_first_run_that_is_missing(lab: Lab) -> None:
    test = lab.test(minRepetitions=5, maxRepetitions=5)

    def let_go(_: Report) -> None:
        if len(repetitions(test)) == 2:
            raise LetGo

    lab.checkpoint = let_go
    with pytest.raises(LetGo):
        lab.run(test, by="one")
    before = list(Run.select().dicts())
    lab.checkpoint = lambda _: None
    lab.run(test, by="two")
    assert repetitions(test) == [1, 2, 3, 4, 5]
    assert list(Run.select().where(Run.repetition <= 2).dicts()) == before
    assert len({seen.prompt for seen in lab.double.seen}) == len(lab.double.seen)


@pytest.mark.parametrize("phase", [Phase.PREPARING, Phase.WARMING_UP, Phase.MEASURING])
def test_it_lets_go_between_any_two_requests(lab: Lab, phase: Phase) -> None:
    def let_go(report: Report) -> None:
        if report.phase == phase:
            raise LetGo

    lab.checkpoint = let_go
    test = lab.test()
    with pytest.raises(LetGo):
        lab.run(test)
    assert repetitions(test) == []


def test_a_test_whose_runs_are_all_there_is_only_summed_up(lab: Lab) -> None:
    test = lab.test(minRepetitions=2, maxRepetitions=2)
    first = lab.run(test, by="one")
    again = lab.run(test, by="two")
    assert again["statistics"] == first["statistics"]
    assert len(queries.runs(test)) == 2


def test_a_zombie_stores_nothing(lab: Lab) -> None:
    test = lab.test()

    def overtake(report: Report) -> None:
        if report.phase == Phase.MEASURING:
            claim(test.session, "another")

    lab.checkpoint = overtake
    with pytest.raises(ClaimLost):
        lab.run(test)
    assert repetitions(test) == []
