"""The peak memory of a process that reads an endless answer stays within the stated bounds."""

import subprocess
import sys

import pytest

from testbed import ROOT
from testbed.ollama_double import OllamaDouble, Script

MIB = 1 << 20
ASKING = """
import os, resource, sys
from common.errors import OllamaError
from common.ollama.client import Ollama
from worker.ollama.client import Driver, Request
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
def look():
    driver = Driver(Ollama(sys.argv[1]))
    ask = {
        "generate": lambda: driver.generate(Request("tiny:latest", "1 a prompt", 16, 512)),
        "embed": lambda: driver.embed("tiny:latest", ["one"], 512),
        "tags": driver.server.models,
    }[sys.argv[2]]
    ask()
    before = peak()
    for _ in range(2):
        try:
            ask()
            sys.exit("no error")
        except OllamaError as error:
            message = str(error)
    print(peak() - before, message, flush=True)
for _ in range(int(sys.argv[3])):
    child = os.fork()
    if not child:
        look()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
"""
"""A child process for each kind, because the peak of a process never falls."""
# At most 16 MiB are read ahead, beside a line of 4 MiB, an answer of 64 MiB, or 8 MiB that are not a stream.
BOUNDS = {"generate": (64 + 16) * MIB, "embed": (64 + 16) * MIB, "tags": 8 * MIB}
SLACK = 24 * MIB
WAYS = ("endless", "gigabyte", "tokens")


@pytest.mark.slow
@pytest.mark.parametrize(("what", "ways"), [("generate", (*WAYS, "specks")), ("embed", WAYS), ("tags", WAYS)])
def test_an_endless_answer_stays_within_its_bound(double: OllamaDouble, what: str, ways: tuple[str, ...]) -> None:
    to = "/api/tags" if what == "tags" else None
    for then in ways:
        double.order(Script(), *[Script(then=then)] * 2, to=to)  # type: ignore[arg-type] # each of the four is one
    command = [sys.executable, "-c", ASKING, double.url, what, str(len(ways))]
    asked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    found = asked.stdout.splitlines()
    assert len(found) == len(ways)
    for then, line in zip(ways, found, strict=True):
        grown, _, message = line.partition(" ")
        assert "longer than" in message, then
        assert int(grown) < BOUNDS[what] + SLACK, f"{then}: {int(grown) / MIB:.0f} MiB"
