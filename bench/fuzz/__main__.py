"""`python -m bench.fuzz`: thousands of requests made up from the OpenAPI document, and what the API made of them."""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from bench.fuzz.run import Found, fuzz
from bench.fuzz.site import site


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--examples", type=int, default=220, help="at most so many requests an operation and phase")
    arguments.add_argument("--cases", type=int, default=5000, help="fail where it were fewer requests than these")
    arguments.add_argument("--seed", type=int, default=time.time_ns() % 2**32, help="of the requests")
    asked = arguments.parse_args()
    print(f"seed {asked.seed}")
    with site() as api, tempfile.TemporaryDirectory() as folder:
        found = fuzz(api, asked.examples, asked.seed, Path(folder))
    print(_table(found))
    if found.cases < asked.cases:
        sys.exit(f"{found.cases} requests are fewer than {asked.cases}: --examples makes more")
    sys.exit(1 if found.failures or found.server_errors or found.traces else 0)


def _table(found: Found) -> str:
    """In Markdown, for docs/benchmarks/fuzzing.md."""
    rows = {
        "requests": f"{found.cases:,}",
        "of them answered": ", ".join(f"{status}: {times:,}" for status, times in sorted(found.statuses.items())),
        "findings of schemathesis": str(found.failures),
        "server errors": str(found.server_errors),
        "tracebacks in the API's log": str(found.traces),
        "sessions that were submitted and not deleted": f"{found.sessions:,}",
        "duration": f"{found.seconds:.0f} s",
    }
    return "\n".join(["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows.items())])


if __name__ == "__main__":
    main()
