"""The page of this benchmark, whose tables it writes itself."""

from collections.abc import Sequence
from pathlib import Path

from bench.conclusions.table import Measured

PAGE = Path("docs/benchmarks/conclusions.md")
SIMULATED, END_TO_END = "simulated", "end to end"
"""The parts of the page."""
NEWLINE = "\n"
BEGIN, END = "<!-- {part} -->\n", "<!-- end of {part} -->\n"
"""The lines around the tables of a part."""


def write(page: Path, part: str, measured: Sequence[Measured], remark: str) -> None:
    """Replace the tables of a part.

    Raises:
        ValueError: if the page does not have the part.
    """
    before, _, after = _parts(page, part)
    tables = "\n".join(one.markdown() for one in measured)
    page.write_text(f"{before}\n{remark}\n\n{tables}\n{after}")


def replace(page: Path, part: str, measured: Measured) -> None:
    """Replace one table of a part, which the page must have.

    Raises:
        ValueError: if the page does not have the part.
    """
    before, tables, after = _parts(page, part)
    earlier, title, rest = tables.partition(f"### {measured.table.title}\n")
    _, following, others = rest.partition("\n### ")
    written = measured.markdown() if title else ""
    page.write_text(f"{before}{earlier}{written}{following or NEWLINE}{others}{after}")


def _parts(page: Path, part: str) -> tuple[str, str, str]:
    """Return the page before the tables of a part, these, and the page after them, with the lines around them."""
    before, begin, rest = page.read_text().partition(BEGIN.format(part=part))
    tables, end, after = rest.partition(END.format(part=part))
    if not end:
        raise ValueError(f"{page} has no part {part}. Add the lines around it.")
    return before + begin, tables, end + after
