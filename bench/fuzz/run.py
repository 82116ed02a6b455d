"""Requests that schemathesis generates from the API's own document, and their results."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.fuzz.hooks import ANSWERS, STEP
from bench.fuzz.setup import KEY
from testbed import ROOT
from testbed.servers.api_server import TRACE, ApiServer

CONFIGURATION = Path(__file__).with_name("schemathesis.toml")
SERVER_ERROR = 500


@dataclass(frozen=True)
class FuzzResult:
    """`statuses` counts the answers by status. `traces` counts the tracebacks in the API's log."""

    cases: int
    failures: int
    statuses: dict[int, int]
    traces: int
    sessions: int
    seconds: float

    @property
    def server_errors(self) -> int:
        return sum(times for status, times in self.statuses.items() if status >= SERVER_ERROR)


def fuzz(api: ApiServer, examples: int, seed: int, folder: Path, *, step: int = 1) -> FuzzResult:
    """Send at most `examples` requests per operation and phase, and each `step`-th at the bounds of the document.

    schemathesis prints its progress.

    Raises:
        CalledProcessError: schemathesis did not complete.
    """
    answers, report = folder / "answers.json", folder / "report.json"
    program = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIGURATION)]
    asked = ["run", f"http://{api.address}/openapi.json", "--max-examples", str(examples), "--seed", str(seed)]
    kept = ["--generation-database", "none", "--report-json-path", str(report)]
    environment = os.environ | {"GAIT_FUZZ_KEY": KEY, ANSWERS: str(answers), STEP: str(step)}
    done = subprocess.run([*program, *asked, *kept], cwd=ROOT, env=environment, check=False)
    described: dict[str, Any] = json.loads(report.read_text()) if report.exists() else {}
    if not described.get("complete") or described["errors"]:
        raise subprocess.CalledProcessError(done.returncode or 1, program)
    return FuzzResult(
        cases=described["test_cases"]["generated"],
        failures=described["test_cases"]["unique_failures"],
        statuses={int(status): times for status, times in json.loads(answers.read_text()).items()},
        traces=api.log.read_text(errors="replace").count(TRACE),
        sessions=api.get("/api/v1/test-sessions?limit=1", {"X-API-Key": KEY}).json()["total"],
        seconds=described["running_time"],
    )
