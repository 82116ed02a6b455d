"""A part of the inventory: fields that are read one by one, so that each stands alone."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from sampler.printable import printable
from sampler.tolerant_read import TolerantReads

Fields = Mapping[str, Callable[[Path], Any]]
"""Reads by the name of the field, from the folder that holds /proc and /sys.

A read that works returns None for a value that does not exist, such as no limit. It raises NotReportedError for a value
that the machine does not report.
"""


def read(name: str, fields: Fields, root: Path, reads: TolerantReads | None) -> dict[str, Any]:
    """Return each field's value, None if it is unknown. `reads` gets the reasons under names such as `cpu model`."""
    reads = reads or TolerantReads()
    return {field: _clean(reads.read(f"{name} {field}", partial(each, root))) for field, each in fields.items()}


def _clean(value: Any) -> Any:  # noqa: ANN401 - any field's
    return printable(value) if isinstance(value, str) else value
