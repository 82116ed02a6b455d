"""Requests made up by schemathesis from the API's own document, and what came of them."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.fuzz.names import ANSWERS
from bench.fuzz.site import KEY
from testbed import ROOT
from testbed.api_server import TRACE, ApiServer

CONFIGURATION = Path(__file__).with_name("schemathesis.toml")
SERVER_ERROR = 500


@dataclass(frozen=True)
class Found:
    """`statuses` says how many answers there were of each; `traces` stand in the API's log."""

    cases: int
    failures: int
    statuses: dict[int, int]
    traces: int
    sessions: int
    seconds: float

    @property
    def server_errors(self) -> int:
        return sum(times for status, times in self.statuses.items() if status >= SERVER_ERROR)


def fuzz(api: ApiServer, examples: int, seed: int, folder: Path) -> Found:
    """At most so many examples an operation and phase; schemathesis tells the terminal how it goes.

    Raises:
        CalledProcessError: where schemathesis could not do its work.
    """
    answers, report = folder / "answers.json", folder / "report.json"
    program = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIGURATION)]
    asked = ["run", f"http://{api.address}/openapi.json", "--max-examples", str(examples), "--seed", str(seed)]
    kept = ["--generation-database", "none", "--report-json-path", str(report)]
    environment = os.environ | {"GAIT_FUZZ_KEY": KEY, ANSWERS: str(answers)}
    done = subprocess.run([*program, *asked, *kept], cwd=ROOT, env=environment, check=False)
    told: dict[str, Any] = json.loads(report.read_text()) if report.exists() else {}
    if not told.get("complete") or told["errors"]:
        raise subprocess.CalledProcessError(done.returncode or 1, program)
    return Found(
        cases=told["test_cases"]["generated"],
        failures=told["test_cases"]["unique_failures"],
        statuses={int(status): times for status, times in json.loads(answers.read_text()).items()},
        traces=api.log.read_text(errors="replace").count(TRACE),
        sessions=api.get("/api/v1/test-sessions?limit=1", {"X-API-Key": KEY}).json()["total"],
        seconds=told["running_time"],
    )
