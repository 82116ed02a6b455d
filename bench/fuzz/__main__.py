"""`python -m bench.fuzz`: thousands of requests generated from the OpenAPI document, and the API's answers."""

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

from bench.fuzz.run import FuzzResult, fuzz
from bench.fuzz.setup import fuzz_setup

LOG = Path("var/log/fuzz-api.log")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--examples", type=int, default=500, help="maximum of requests per operation and phase")
    arguments.add_argument("--cases", type=int, default=5000, help="fail if fewer requests were sent")
    arguments.add_argument("--seed", type=int, default=time.time_ns() % 2**32, help="seed of the requests")
    asked = arguments.parse_args()
    print(f"seed {asked.seed}")
    with fuzz_setup() as api, tempfile.TemporaryDirectory() as folder:
        result = fuzz(api, asked.examples, asked.seed, Path(folder))
        LOG.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(api.log, LOG)
    print(_table(result))
    if result.traces:
        print(f"The API's log with the tracebacks is {LOG}.")
    if result.cases < asked.cases:
        sys.exit(f"Only {result.cases} requests were sent, not {asked.cases}. Use a larger --examples.")
    sys.exit(1 if result.failures or result.server_errors or result.traces else 0)


def _table(result: FuzzResult) -> str:
    """Format the result in Markdown, for docs/benchmarks/fuzzing.md."""
    rows = {
        "requests": f"{result.cases:,}",
        "of them answered": ", ".join(f"{status}: {times:,}" for status, times in sorted(result.statuses.items())),
        "findings of schemathesis": str(result.failures),
        "server errors": str(result.server_errors),
        "tracebacks in the API's log": str(result.traces),
        "sessions that were submitted and not deleted": f"{result.sessions:,}",
        "duration": f"{result.seconds:.0f} s",
    }
    return "\n".join(["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows.items())])


if __name__ == "__main__":
    main()
