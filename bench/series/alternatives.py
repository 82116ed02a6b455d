"""Gait's codec of readings beside Arrow IPC and Parquet, which live in an environment of their own."""

import json
import subprocess
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.box import MARKDOWN
from rich.table import Table

from bench.series.cost import Cost
from bench.support import tool_environment

FOLDER = Path("var/codecs")
LOCK = Path("requirements/codecs.txt")
GPUS = (0, 1, 4)
MB = 1_000_000
LAST_LINES = 5


@dataclass(frozen=True)
class Comparison:
    """Costs of each codec by the number of GPUs; `size` is what pyarrow takes on the disk, in bytes."""

    version: str
    size: int
    costs: Mapping[int, Sequence[Cost]]


def measure(chunks: Mapping[int, bytes]) -> Comparison:
    """Measure all codecs on the chunks, which are in Gait's, by their number of GPUs.

    Raises:
        ToolFailed: when pyarrow cannot be installed or fails.
    """
    tool_environment.make(FOLDER, LOCK, "pyarrow", "50 MB")
    command = [str(FOLDER / "venv/bin/python"), "-m", "bench.series.codecs"]
    given = json.dumps({gpus: b64encode(chunk).decode() for gpus, chunk in chunks.items()})
    ended = subprocess.run(command, input=given, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise tool_environment.ToolFailed("\n".join(ended.stderr.splitlines()[-LAST_LINES:]))
    return read(ended.stdout)


def read(printed: str) -> Comparison:
    """Return what `bench.series.codecs` printed."""
    found = json.loads(printed)
    costs = {int(gpus): [Cost(**cost) for cost in costs] for gpus, costs in found["costs"].items()}
    return Comparison(found["version"], found["size"], costs)


def table(comparison: Comparison) -> Table:
    """Return one row for each codec, each cell with one value for each number of GPUs."""
    shown = Table(box=MARKDOWN)
    shown.add_column("codec")
    for heading in ("bytes", "encode, ms", "decode, ms"):
        shown.add_column(heading, justify="right")
    for costs in zip(*comparison.costs.values(), strict=True):
        cells = (_cell(costs, lambda cost: str(cost.size)), _cell(costs, lambda cost: f"{cost.encode_ms:.2f}"))
        shown.add_row(costs[0].codec, *cells, _cell(costs, lambda cost: f"{cost.decode_ms:.2f}"))
    return shown


def explain(comparison: Comparison) -> str:
    """Return what the columns are, and what pyarrow takes."""
    gpus = " / ".join(map(str, comparison.costs))
    return (
        f"Each cell: a minute of readings with {gpus} GPUs. "
        f"pyarrow {comparison.version} takes {comparison.size / MB:.0f} MB on the disk."
    )


def _cell(costs: Sequence[Cost], value: Callable[[Cost], str]) -> str:
    return " / ".join(map(value, costs))
