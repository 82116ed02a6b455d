"""A test that takes turns with no other."""

from collections.abc import Iterator

from worker.procedure.blocks import next_block
from worker.procedure.test_runner import TestRunner


def blocks_of(runner: TestRunner) -> Iterator[None]:
    """Measure the test, with a pause before each block and after the last."""
    steps = runner.steps()
    series = next(steps)
    while True:
        try:
            series = steps.send(next_block([series]))
        except StopIteration:
            return
        yield
