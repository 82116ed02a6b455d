from collections.abc import Sequence

from common.catalogue.test_type import Point
from common.records.test_metrics import TestMetrics
from worker.machine import page_cache
from worker.verdicts import memory
from worker.verdicts.expected import Expected
from worker.workload.run import RequestResult, RunResult
from worker.workload.run_context import RunContext
from worker.workload.test_type import NO_WARM_UPS, Workload
from worker.workload.wording import by_point, duration

WARM, COLD = "warm", "cold"


class ColdStart(Workload, implements="cold-start"):
    """Runs that begin with the model out of memory, as /api/ps confirms.

    First its file is still in the system's page cache. Then it is on disk alone, if the worker is on the model's
    machine and has the permission to drop the file from the cache.
    """

    warm_ups = NO_WARM_UPS
    separate = True  # a start from disk may leave only a part of the file in the page cache

    def points(self, context: RunContext) -> list[Point]:
        files = context.facts.files
        can_drop = bool(files) and all(page_cache.can_drop(file) for file in files)
        return [{"pageCache": cache} for cache in ([WARM, COLD] if can_drop else [WARM])]

    def before_run(self, context: RunContext, seed: str) -> None:
        context.driver.unload(context.model)
        if context.options["pageCache"] == COLD:
            for file in context.facts.files:
                page_cache.drop(file)

    def perform(self, context: RunContext, seed: str) -> RunResult:
        cold = context.options["pageCache"] == COLD
        before = _cached_share(context.facts.files, cold=cold)
        expected = Expected(context.options["promptTokens"], context.options["outputTokens"], warm=False)
        answer = context.generate(self.prompt(context, seed))
        request_result = RequestResult(answer, expected, about={"pageCache": before})
        found = memory.page_cache(before, cold=cold)
        return RunResult((request_result,), verdicts=(found,) if found else ())

    def finding(self, metrics: TestMetrics) -> str:
        waits = {point["pageCache"]: wait for point, wait in by_point(metrics.points, self.test_type.headline)}
        if COLD in waits:
            disk, cache = duration(waits[COLD]), duration(waits[WARM])
            return f"The first token arrives after {disk} from disk, and after {cache} from the page cache."
        first, load = duration(metrics.figure("timeToFirstToken")), duration(metrics.figure("loadTime"))
        return f"When the model is not in memory, the first token arrives after {first}. Loading takes {load} of that."


def _cached_share(files: Sequence[str], *, cold: bool) -> float | None:
    """Return the share of the file that is furthest from what the run needs; None if one is unknown."""
    shares = [page_cache.share(file) for file in files]
    known = [share for share in shares if share is not None]
    if not known or len(known) < len(shares):
        return None
    return max(known) if cold else min(known)
