from common.catalogue.test_type import Point
from common.records.test_metrics import TestMetrics
from worker.machine import page_cache
from worker.verdicts import memory
from worker.verdicts.expected import Expected
from worker.workload import test_type as workload
from worker.workload.run import RequestResult, RunResult
from worker.workload.run_context import RunContext
from worker.workload.test_type import Workload
from worker.workload.wording import at, duration

WARM, COLD = "warm", "cold"


class ColdStart(Workload, implements="cold-start"):
    """Each run begins with the model out of memory, as /api/ps confirms: first with its file still in the system's page
    cache, then, where the worker sits on the model's machine and may, with the file out of the cache, on disk alone.
    """

    warm_ups = workload.COLD

    def points(self, context: RunContext) -> list[Point]:
        can_drop = context.facts.path is not None and page_cache.can_drop(context.facts.path)
        return [{"pageCache": cache} for cache in ([WARM, COLD] if can_drop else [WARM])]

    def before_run(self, context: RunContext, seed: str) -> None:
        context.driver.unload(context.model)
        if context.options["pageCache"] == COLD and context.facts.path:
            page_cache.drop(context.facts.path)

    def perform(self, context: RunContext, seed: str) -> RunResult:
        before = page_cache.share(context.facts.path) if context.facts.path else None
        wanted = Expected(context.options["promptTokens"], context.options["outputTokens"], warm=False)
        request_result = RequestResult(
            context.generate(self.template.prompt(seed)), wanted, about={"pageCache": before}
        )
        found = memory.page_cache(before, cold=context.options["pageCache"] == COLD)
        return RunResult((request_result,), verdicts=(found,) if found else ())

    def finding(self, metrics: TestMetrics) -> str:
        by_cache = {point["pageCache"]: value for point, value in at(metrics.points, self.test_type.headline)}
        if COLD in by_cache:
            warm, cold = duration(by_cache[WARM]), duration(by_cache[COLD])
            return f"From disk the first token comes after {cold}, from the system's page cache after {warm}."
        first, load = duration(metrics.get("timeToFirstToken")), duration(metrics.get("loadTime"))
        return f"Not in memory, the first token comes after {first}, of which {load} are loading."
