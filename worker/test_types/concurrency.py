from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from math import ceil
from operator import itemgetter
from statistics import median

from common.catalogue.options import Options
from common.records.runs import Metrics
from common.records.test_metrics import TestMetrics
from common.stats.searching.knee import Knee, knee
from worker.workload.point_runs import PointRuns
from worker.workload.run import RunResult
from worker.workload.run_context import RunContext
from worker.workload.test_type import Workload, expected
from worker.workload.traffic.closed_loop import Users, closed_loop
from worker.workload.wording import by_point, duration, rate


class Concurrency(Workload, implements="concurrency"):
    """Growing numbers of users in a closed loop, who each send the next request after an answer.

    Only the steady state is measured. The knee represents the test: the smallest number of users that reaches 95 % of
    peak throughput.
    """

    rate = "aggregateTokensPerSecond"
    warm_ups = (1, 1)

    def warm_up(self, context: RunContext, seed: str) -> RunResult:
        return closed_loop(context, self._users(context, seed)).first_round()

    def perform(self, context: RunContext, seed: str) -> RunResult:
        return closed_loop(context, _steady(self._users(context, seed), context.options)).result()

    def _users(self, context: RunContext, seed: str) -> Users:
        return Users(context.options["users"], partial(self.prompt, context), expected(context.options), seed)

    def main(self, measured_points: Sequence[PointRuns]) -> PointRuns:
        found = self._knee(measured_points)
        users = found.users if found else min(map(_number, measured_points))
        return next(point_runs for point_runs in measured_points if _number(point_runs) == users)

    def _knee(self, measured_points: Sequence[PointRuns]) -> Knee | None:
        return knee({_number(point_runs): _blocks(point_runs, self.rate) for point_runs in measured_points})

    def overall(self, measured_points: Sequence[PointRuns]) -> Metrics:
        found = self._knee(measured_points)
        slots = max(_median(point_runs, "writingAtOnce") for point_runs in measured_points)
        return {
            "kneeUsers": None if found is None else float(found.users),
            "kneeUsersLow": None if found is None or found.low is None else float(found.low),
            "kneeUsersHigh": None if found is None or found.high is None else float(found.high),
            "parallelSlots": slots or None,
        }

    def finding(self, metrics: TestMetrics) -> str:
        users = metrics.get("kneeUsers")
        each, total = metrics.figure("decodeTokensPerSecond"), metrics.figure(self.rate)
        if users is None:
            return "The number of users that the server can serve is unknown."
        rates = f"{users:.0f} users get {rate(each)} each" if users > 1 else f"1 user gets {rate(each)}"
        whole = (
            "" if total is None else f", and {rate(total)}{' together' * (users > 1)} with prompts and waiting included"
        )
        return f"{rates} while the model writes{whole}. {_range(metrics)}{_beyond(metrics, users)}"


def _range(metrics: TestMetrics) -> str:
    """Return the range of the knee as a sentence; empty if it is one number, or unknown."""
    low, high = metrics.get("kneeUsersLow"), metrics.get("kneeUsersHigh")
    if low is None or high is None or low == high:
        return ""
    return f"Throughput stops growing at {low:.0f} to {high:.0f} users. "


def _beyond(metrics: TestMetrics, knee_users: float) -> str:
    """Return what the next larger number of users brings, as a sentence."""
    waits = [(int(point["users"]), wait) for point, wait in by_point(metrics.points, "timeToFirstToken")]
    larger = min(((users, wait) for users, wait in waits if users > knee_users), default=None, key=itemgetter(0))
    if larger is None:
        return "Larger numbers were not tested."
    users, wait = larger
    slots = f"The server writes {metrics.get('parallelSlots') or 0:.0f} answers at once"
    return f"{slots}, and half of {users} users wait longer than {duration(wait)} for the first token."


def _steady(users: Users, options: Options) -> Users:
    """Return the users with the window of a run: the runs of a point share its duration and requests."""
    runs = options["minRepetitions"]
    return replace(
        users,
        duration_s=options["durationSeconds"] / runs,
        requests=ceil(options["requestsPerUser"] / runs),
        think_ms=options["thinkTime"],
    )


def _number(point_runs: PointRuns) -> int:
    return int(point_runs.point["users"])


def _blocks(point_runs: PointRuns, metric: str) -> Mapping[int, float]:
    """Return the values of a metric by repetition."""
    known = {run.repetition: run.metrics.get(metric) for run in point_runs.runs}
    return {repetition: value for repetition, value in known.items() if value is not None}


def _median(point_runs: PointRuns, metric: str) -> float:
    values = point_runs.by_run(metric)
    return median(values) if values else 0.0
