"""What a server sends without end takes no more memory than is said, by the peak of a process that asks for it."""

import subprocess
import sys

import pytest

from testbed import ROOT
from testbed.ollama_double import OllamaDouble, Script

MIB = 1 << 20
ASKING = """
import resource, sys
from common.errors import OllamaError
from common.ollama.client import Ollama
from worker.ollama.client import Driver, Request
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
driver = Driver(Ollama(sys.argv[1]))
ask = {
    "generate": lambda: driver.generate(Request("tiny:latest", "1 a prompt", 16, 512)),
    "embed": lambda: driver.embed("tiny:latest", ["one"], 512),
    "tags": driver.server.models,
}[sys.argv[2]]
ask()
before = peak()
for _ in range(3):
    try:
        ask()
        sys.exit("no error")
    except OllamaError as error:
        said = str(error)
print(peak() - before, said)
"""
# An answer is read ahead by 16 MiB at most, beside a line of 4, a whole of 64, or an answer that is no stream of 8.
BOUNDS = {"generate": (64 + 16) * MIB, "embed": (64 + 16) * MIB, "tags": 8 * MIB}
SLACK = 24 * MIB


WAYS = [(what, then) for what in BOUNDS for then in ("endless", "gigabyte", "tokens")] + [("generate", "specks")]


@pytest.mark.slow
@pytest.mark.parametrize(("what", "then"), WAYS)
def test_an_answer_without_end_stays_within_its_bound(double: OllamaDouble, what: str, then: str) -> None:
    to = "/api/tags" if what == "tags" else None
    double.order(Script(), *[Script(then=then)] * 3, to=to)  # type: ignore[arg-type] # each of the four is one
    asked = subprocess.run(
        [sys.executable, "-c", ASKING, double.url, what], cwd=ROOT, capture_output=True, text=True, check=True
    )
    grown, _, said = asked.stdout.partition(" ")
    assert "longer than" in said
    assert int(grown) < BOUNDS[what] + SLACK, f"{int(grown) / MIB:.0f} MiB"
