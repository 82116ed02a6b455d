"""The example for CI on a real stack: it passes while nothing changes, and fails on a planted slow-down."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.exit_codes import ExitCode
from local import install
from testbed import ROOT
from testbed.ollama_double import OllamaDouble, Timing
from testbed.restartable_stack import Site, site
from testbed.stack import settings_of

EACH_MS = 1.0
OPTIONS = ["--types", "decode", "-o", "decode.outputTokens=32", "-o", "decode.maxRepetitions=8"]

pytestmark = pytest.mark.slow


@pytest.fixture
def double() -> Iterator[OllamaDouble]:
    with OllamaDouble("tiny:latest", timing=Timing(each=EACH_MS)) as double:
        yield double


@pytest.fixture
def stack(redis_url: str, double: OllamaDouble, tmp_path: Path) -> Iterator[Site]:
    settings = settings_of(tmp_path, redis_url, {"local": double.url}, IDLE_BASELINE="0")
    with site(tmp_path, settings) as running:
        yield running


def test_the_example_fails_on_a_planted_slow_down(double: OllamaDouble, stack: Site, tmp_path: Path) -> None:
    command = tmp_path / "gait"
    command.write_text(install.COMMAND.format(python=sys.executable, clone=str(ROOT)))
    command.chmod(0o755)
    environment = {**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}", "GAIT_URL": stack.url}

    def benchmark() -> subprocess.CompletedProcess[str]:
        script = [str(ROOT / "examples" / "ci" / "benchmark.sh"), "main", "20", "tiny", *OPTIONS]
        return subprocess.run(script, env=environment, capture_output=True, text=True, check=False)

    unchanged = benchmark()
    assert unchanged.returncode == ExitCode.DONE, unchanged.stdout + unchanged.stderr
    assert "Failed" not in unchanged.stderr
    double.timing = Timing(each=EACH_MS * 10)
    slower = benchmark()
    assert slower.returncode == ExitCode.CHANGED, slower.stdout + slower.stderr
    assert "Failed: decode: B is slower than A" in slower.stderr
