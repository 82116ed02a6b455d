"""`python -m bench.fidelity`: compare Gait's time stamps with an independent server's log, at 1, 16 and 64 streams.

The reference server logs when each request arrived and when it wrote each token. With `--peers`, guidellm and aiperf
are measured in the same run.
"""

import argparse
import tempfile
from pathlib import Path

import psutil
from rich.box import MARKDOWN
from rich.console import Console
from rich.table import Table

from bench.fidelity import peers
from bench.fidelity.answers import Errors
from bench.fidelity.measurement import REQUESTS, Client, Outcome, gait, measure, reference_server
from bench.fidelity.overhead import overhead
from bench.support import tool_environment

WIDTH = 130
EXPLANATION = """\
Each is the client's value less the server's. TTFT and inter-token: the mean of the errors of the answers.
size p99: 99 of 100 TTFT errors are smaller in absolute value. p99: the client's 99th percentile less the true one."""


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m bench.fidelity", description=__doc__)
    options.add_argument("--peers", action="store_true", help="measure guidellm and aiperf too; installs them once")
    clients: dict[str, Client] = {"Gait": gait}
    if options.parse_args().peers:
        clients |= installed_peers()
    load = psutil.getloadavg()[0]
    measured = (measure(name, client, streams) for streams in REQUESTS for name, client in clients.items())
    outcomes = [outcome for outcome in measured if outcome is not None]
    console = Console(width=WIDTH)
    console.print(table(outcomes))
    console.print(EXPLANATION)
    console.print(f"The machine's load was {load:.2f} before. The server's own lateness is part of the truth. Its p99:")
    for name in clients:
        late = [f"{outcome.late_ms:.2f} ms at {outcome.streams}" for outcome in outcomes if outcome.client == name]
        console.print(f"  {name}: {', '.join(late)}")
    with tempfile.TemporaryDirectory() as folder, reference_server(Path(folder) / "log") as url:
        console.print(overhead(url))


def installed_peers() -> dict[str, Client]:
    try:
        peers.install()
    except tool_environment.ToolFailed as failure:
        print(f"guidellm and aiperf are left out: {failure}")
        return {}
    return {"guidellm 0.8.1": peers.guidellm, "aiperf 0.13.0": peers.aiperf}


def table(outcomes: list[Outcome]) -> Table:
    shown = Table(box=MARKDOWN)
    shown.add_column("streams", justify="right")
    shown.add_column("client")
    for heading in ("answers", "TTFT, ms", "size p99, ms", "p99 TTFT, ms", "inter-token, %", "p99 inter-token, ms"):
        shown.add_column(heading, justify="right")
    for outcome in outcomes:
        shown.add_row(str(outcome.streams), outcome.client, *row(outcome.errors))
    return shown


def row(errors: Errors) -> list[str]:
    gap_tail = "" if errors.gap_tail is None else f"{errors.gap_tail:+.2f}"
    ttft = [f"{errors.ttft:+.3f}", f"{errors.ttft_size:.3f}", f"{errors.ttft_tail:+.3f}"]
    return [str(errors.answers), *ttft, f"{errors.inter_token:+.3f}", gap_tail]


if __name__ == "__main__":
    main()
