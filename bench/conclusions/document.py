"""The page of this benchmark, whose tables it writes itself."""

from collections.abc import Sequence
from pathlib import Path

from bench.conclusions.table import Measured

PAGE = Path("docs/benchmarks/conclusions.md")
SIMULATED, END_TO_END = "simulated", "end to end"
"""The parts of the page."""
BEGIN, END = "<!-- {part} -->\n", "<!-- end of {part} -->\n"
"""The lines around the tables of a part."""


def write(page: Path, part: str, measured: Sequence[Measured], remark: str) -> None:
    """Replace the tables of a part.

    Raises:
        ValueError: if the page does not have the part.
    """
    before, begin, rest = page.read_text().partition(BEGIN.format(part=part))
    _, end, after = rest.partition(END.format(part=part))
    if not end:
        raise ValueError(f"{page} has no part {part}. Add the lines around it.")
    tables = "\n".join(one.markdown() for one in measured)
    page.write_text(f"{before}{begin}\n{remark}\n\n{tables}\n{end}{after}")
