from common.catalogue.test_type import Point
from common.records.test_metrics import TestMetrics
from worker.machine import page_cache
from worker.verdicts import memory
from worker.verdicts.expected import Expected
from worker.workload.run import RequestResult, RunResult
from worker.workload.run_context import RunContext
from worker.workload.test_type import NO_WARM_UPS, Workload
from worker.workload.wording import duration, value_by_point

WARM, COLD = "warm", "cold"


class ColdStart(Workload, implements="cold-start"):
    """Runs that begin with the model out of memory, as /api/ps confirms.

    First its file is still in the system's page cache. Then it is on disk alone, if the worker is on the model's
    machine and has the permission to drop the file from the cache.
    """

    warm_ups = NO_WARM_UPS

    def points(self, context: RunContext) -> list[Point]:
        can_drop = context.facts.path is not None and page_cache.can_drop(context.facts.path)
        return [{"pageCache": cache} for cache in ([WARM, COLD] if can_drop else [WARM])]

    def before_run(self, context: RunContext, seed: str) -> None:
        context.driver.unload(context.model)
        if context.options["pageCache"] == COLD and context.facts.path:
            page_cache.drop(context.facts.path)

    def perform(self, context: RunContext, seed: str) -> RunResult:
        before = page_cache.share(context.facts.path) if context.facts.path else None
        expected = Expected(context.options["promptTokens"], context.options["outputTokens"], warm=False)
        answer = context.generate(self.template.prompt(seed))
        request_result = RequestResult(answer, expected, about={"pageCache": before})
        found = memory.page_cache(before, cold=context.options["pageCache"] == COLD)
        return RunResult((request_result,), verdicts=(found,) if found else ())

    def finding(self, metrics: TestMetrics) -> str:
        waits = {point["pageCache"]: wait for point, wait in value_by_point(metrics.points, self.test_type.headline)}
        if COLD in waits:
            disk, cache = duration(waits[COLD]), duration(waits[WARM])
            return f"The first token arrives after {disk} from disk, and after {cache} from the page cache."
        first, load = duration(metrics.get("timeToFirstToken")), duration(metrics.get("loadTime"))
        return f"When the model is not in memory, the first token arrives after {first}. Loading takes {load} of that."
