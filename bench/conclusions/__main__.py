"""`python -m bench.conclusions`: how often what Gait concludes is wrong, simulated and through the whole product.

It exits with 1 if a promise is broken.
"""

import argparse
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

import psutil

from bench.conclusions.document import END_TO_END, PAGE, SIMULATED, replace, write
from bench.conclusions.end_to_end import conclusions, sessions
from bench.conclusions.table import Measured, Table
from bench.conclusions.tables import TABLES
from bench.support.silent_log import silence

PAIRS = 100
MINUTE_S = 60


@dataclass(frozen=True)
class Start:
    """The time at which a part begins, and the machine's load."""

    at: float = field(default_factory=time.monotonic)
    load: float = field(default_factory=lambda: psutil.getloadavg()[0])

    def remark(self) -> str:
        minutes = (time.monotonic() - self.at) / MINUTE_S
        return f"This took {minutes:.0f} minutes. The machine's load was {self.load:.1f} before."


def main() -> None:
    silence()
    arguments = argparse.ArgumentParser(prog="python -m bench.conclusions", description=__doc__)
    arguments.add_argument("--pairs", type=int, default=PAIRS, help="measured pairs of equal models; 0 only simulates")
    arguments.add_argument("--measured", action="store_true", help="no simulations")
    arguments.add_argument("--quick", action="store_true", help="few simulated cases, and docs/ stays as it is")
    titles = [table.title for table in TABLES]
    arguments.add_argument("--table", choices=titles, help="measure this table alone, and write it into docs/")
    asked = arguments.parse_args()
    if asked.table:
        sys.exit(1 if remeasure(TABLES[titles.index(asked.table)]) else 0)
    broken = False if asked.measured else simulate(TABLES, quick=asked.quick)
    if asked.pairs:
        broken |= measure(asked.pairs, quick=asked.quick)
    sys.exit(1 if broken else 0)


def simulate(tables: Iterable[Table], *, quick: bool) -> bool:
    """Print the tables on simulated runs, and write them unless `quick`. Return whether a promise is broken."""
    wanted = (table for table in tables if not (quick and table.slow))
    return _report(SIMULATED, (table.measure(quick=quick) for table in wanted), Start(), quick=quick)


def remeasure(table: Table) -> bool:
    """Print one table on simulated runs, and replace it in docs/. Return whether a promise is broken."""
    measured = table.measure()
    print(measured.markdown())
    replace(PAGE, SIMULATED, measured)
    return bool(measured.broken)


def measure(pairs: int, *, quick: bool) -> bool:
    """Print the tables on measured sessions, and write them unless `quick`. Return whether a promise is broken."""
    wanted, start = sessions.groups(pairs), Start()
    with sessions.measured(wanted) as found:
        tables = conclusions.tables(_counted(found, sum(group.sessions for group in wanted)))
        return _report(END_TO_END, (table.measure() for table in tables), start, quick=quick)


def _counted(found: Iterable[sessions.MeasuredSession], of: int) -> list[sessions.MeasuredSession]:
    collected = []
    for number, session in enumerate(found, start=1):
        collected.append(session)
        print(f"\r{number} of {of} sessions", end="" if number < of else "\n\n", file=sys.stderr, flush=True)
    return collected


def _report(part: str, tables: Iterable[Measured], start: Start, *, quick: bool) -> bool:
    measured = []
    for table in tables:
        print(table.markdown(), flush=True)
        measured.append(table)
    if not quick:
        write(PAGE, part, measured, start.remark())
    return any(one.broken for one in measured)


if __name__ == "__main__":
    main()
