"""The test bench that a test type's runs stand on: a model on its server, and the options that hold now."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Self, TypeVar

from common.catalogue.test_types import Options, Point
from common.ollama.client import ModelFacts
from common.store.tables import Run
from worker.ollama.client import Driver, Request
from worker.ollama.responses import Generation
from worker.workload import prompts
from worker.workload.prompts import Shape
from worker.workload.retry import retry

Result = TypeVar("Result")


@dataclass(frozen=True)
class Bench:
    """`options` are those of the test, each with one value at the point that is measured; `context_length` is num_ctx.

    `seed` differs with each claim to the session, so that a test that is taken up again uses no prompt twice. `runs`
    are the stored ones of the test, at any point and by whichever worker. `attend` is called before each request and
    raises when this worker should let go; `log` writes to the test's log. `companions` are the session's other models.
    """

    driver: Driver
    model: str
    options: Options
    facts: ModelFacts
    context_length: int
    seed: str
    runs: list[Run]
    attend: Callable[[], None]
    log: Callable[[str], None]
    companions: tuple[str, ...] = ()

    def at(self, point: Point) -> Self:
        """The same bench with a point's values in the place of the lists they are from."""
        return replace(self, options={**self.options, **point})

    def twin(self, attend: Callable[[], None]) -> Self:
        """The same bench with connections and an `attend` of its own, for another thread."""
        return replace(self, driver=Driver(self.driver.server, self.driver.limits), attend=attend)

    def request(self, prompt: str, output_tokens: int | None = None, **more: Any) -> Request:  # noqa: ANN401 - passed on
        """For as many tokens as the options say, or as are given."""
        tokens = output_tokens or self.options["outputTokens"]
        return Request(self.model, prompt, tokens, self.context_length, **more)

    def generate(self, prompt: str, output_tokens: int | None = None, **more: Any) -> Generation:  # noqa: ANN401 - as above
        self.attend()
        return self.driver.generate(self.request(prompt, output_tokens, **more))

    def calibrate(self, prompt_tokens: int, ending: str, count: Callable[[str], int]) -> Shape:
        """The shape of prompts of so many tokens, as `count` counts those of a prompt.

        Raises:
            TestFailure: when none can be built.
        """
        shape = self.retry(lambda: prompts.calibrate(count, prompt_tokens, ending))
        self.log(f"prompts of {prompt_tokens} tokens: {shape.words} words and {shape.fillers} fillers after the nonce")
        return shape

    def retry(self, step: Callable[[], Result]) -> Result:
        return retry(step, self.log)
