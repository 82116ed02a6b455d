"""What a test type is to the worker: a description for clients, and how its runs begin.

Each file of worker/workloads/ defines one subclass, which registers itself; adding a test type touches no other file.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from common.catalogue import Option, TestType
from worker.ollama import Driver, Generation, Request

REGISTRY: "dict[str, type[Workload]]" = {}


@dataclass(frozen=True)
class Bench:
    """A model on its server, and the options of the test that it is to run."""

    driver: Driver
    model: str
    options: Mapping[str, int]

    def generate(self, prompt: str, output_tokens: int | None = None) -> Generation:
        """Run a prompt for as many tokens as the test's options say, or as are given."""
        tokens = output_tokens or self.options["outputTokens"]
        return self.driver.generate(Request(self.model, prompt, tokens, self.options["contextLength"]))


class Workload:
    """`rate` is the metric that stands as the test's tokensPerSecond; `ending` closes each prompt; a workload that is
    not `warm` gets no warm-up.
    """

    test_type: ClassVar[TestType]
    rate: ClassVar[str] = "decodeTokensPerSecond"
    ending: ClassVar[str] = ""
    warm: ClassVar[bool] = True

    def __init_subclass__(cls) -> None:
        REGISTRY[cls.test_type.name] = cls

    def before_run(self, bench: Bench, spare_prompt: str) -> None:
        """Bring the server to the state that a run starts from: here, with the model in memory.

        The spare prompt is for work that does not count.
        """
        if not bench.driver.is_loaded(bench.model):
            bench.generate(spare_prompt)


def options(*, prompt_tokens: int, output_tokens: int, repetitions: tuple[int, int]) -> tuple[Option, ...]:
    """The options that every test type has, with its own defaults."""
    fewest, most = repetitions
    return (
        Option("promptTokens", "tokens", prompt_tokens, 32, 131_072, "length of each prompt, to within 2 %"),
        Option("outputTokens", "tokens", output_tokens, 16, 16_384, "tokens generated in each run"),
        Option(
            "contextLength", "tokens", 2048, 256, 262_144, "num_ctx, the same in every run; a change reloads the model"
        ),
        Option("minRepetitions", "runs", fewest, 1, 1000, "measured runs at least"),
        Option(
            "maxRepetitions", "runs", most, 1, 1000, "measured runs at most, if the median is not known to 2 % before"
        ),
    )
