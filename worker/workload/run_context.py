"""What the runs of a test share: a model on its server, and the options at the current point."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Self, TypeVar

from common.catalogue.options import Options
from common.catalogue.test_type import Point
from common.ollama.models import ModelFacts
from common.store.tables import Run
from worker.ollama.client import Driver, Request
from worker.ollama.responses import Generation
from worker.workload import prompts
from worker.workload.prompts import PromptTemplate
from worker.workload.retry import retry

Result = TypeVar("Result")


@dataclass(frozen=True)
class RunContext:
    """What the runs of a test share: a model on its server, and the options at the point that is measured.

    `options` holds one value for each option. `context_length` is num_ctx in tokens. `seed` differs with each claim to
    the session, so that a resumed test uses no prompt twice. `runs` are the stored runs of the test, at any point, by
    any worker. `ensure_active` is called before each request and raises when this worker must stop. `log` writes to
    the test's log. `session_models` are the session's other models.
    """

    driver: Driver
    model: str
    options: Options
    facts: ModelFacts
    context_length: int
    seed: str
    runs: list[Run]
    ensure_active: Callable[[], None]
    log: Callable[[str], None]
    session_models: tuple[str, ...] = ()

    def at(self, point: Point) -> Self:
        """Return a context with the values of a point in place of the lists of values."""
        return replace(self, options={**self.options, **point})

    def for_thread(self, ensure_active: Callable[[], None]) -> Self:
        """Return a context for another thread, with its own connections and its own `ensure_active`."""
        driver = Driver(self.driver.server, self.driver.limits, self.driver.use)
        return replace(self, driver=driver, ensure_active=ensure_active)

    def request(self, prompt: str, output_tokens: int | None = None, **more: Any) -> Request:  # noqa: ANN401 - passed on
        """Return a request for `output_tokens`, by default those of the options."""
        tokens = output_tokens or self.options["outputTokens"]
        return Request(self.model, prompt, tokens, self.context_length, **more)

    def generate(self, prompt: str, output_tokens: int | None = None, **more: Any) -> Generation:  # noqa: ANN401 - as above
        self.ensure_active()
        return self.driver.generate(self.request(prompt, output_tokens, **more))

    def calibrate(
        self, prompt_tokens: int, ending: str, count: Callable[[str], int], *, without_ending: bool = False
    ) -> PromptTemplate:
        """Return a template for prompts of `prompt_tokens` tokens, which `count` counts for a given prompt.

        `without_ending` lets a prompt that is too short for the ending do without it.

        Raises:
            TestFailure: if no template has this length.
        """
        template = self.retry(lambda: prompts.calibrate(count, prompt_tokens, ending, without_ending=without_ending))
        self.log(
            f"prompts of {prompt_tokens} tokens: {template.words} words and {template.fillers} fillers after the nonce"
        )
        return template

    def retry(self, step: Callable[[], Result]) -> Result:
        return retry(step, self.log)
