"""`python -m bench.conclusions`: how often what Gait concludes is wrong, simulated and through the whole product.

It exits with 1 if a promise is broken.
"""

import argparse
import sys
import time
from collections.abc import Iterable

import psutil
import structlog

from bench.conclusions.document import PAGE, write
from bench.conclusions.table import Measured, Table
from bench.conclusions.tables import TABLES

SIMULATED = "simulated"
MINUTE_S = 60


def main() -> None:
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())  # no log lines between the results
    arguments = argparse.ArgumentParser(prog="python -m bench.conclusions", description=__doc__)
    arguments.add_argument("--quick", action="store_true", help="few cases, and the page stays as it is")
    asked = arguments.parse_args()
    sys.exit(1 if simulated(TABLES, quick=asked.quick) else 0)


def simulated(tables: Iterable[Table], *, quick: bool) -> bool:
    """Print the tables on simulated runs, and write them unless `quick`. Return whether a promise is broken."""
    started, load = time.monotonic(), psutil.getloadavg()[0]
    measured = [_printed(table.measure(quick=quick)) for table in tables]
    if not quick:
        minutes = (time.monotonic() - started) / MINUTE_S
        write(PAGE, SIMULATED, measured, f"They took {minutes:.0f} minutes. The machine's load was {load:.1f} before.")
    return any(one.broken for one in measured)


def _printed(measured: Measured) -> Measured:
    print(measured.markdown(), flush=True)
    return measured


if __name__ == "__main__":
    main()
