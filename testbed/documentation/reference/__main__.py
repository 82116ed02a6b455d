"""`python -m testbed.documentation.reference`: write what the documents repeat from the code.

A document has blocks between two comments, and this command writes their content. What stands around them is written by
hand.
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from testbed import ROOT
from testbed.documentation.reference import (
    api_reference,
    command_reference,
    metric_tables,
    session_schema,
    settings_table,
    state_chart,
    test_type_tables,
    verdict_tables,
)
from testbed.documentation.site.pages import DOCUMENTS

BEGIN = "<!-- begin {}: written by `make reference` -->"
END = "<!-- end {} -->"
BLOCK = re.compile(BEGIN.format("(?P<name>[a-z-]+)") + r"\n.*?" + END.format("(?P=name)"), re.DOTALL)
BLOCKS: Mapping[str, Callable[[], str]] = {
    "command-details": command_reference.commands,
    "commands": command_reference.summary,
    "exit-codes": command_reference.exit_codes,
    "errors": api_reference.errors,
    "operations": api_reference.operations,
    "routes": api_reference.routes,
    "efforts": test_type_tables.efforts,
    "metrics": metric_tables.metrics,
    "options": test_type_tables.options,
    "session-schema": session_schema.schema,
    "settings": settings_table.settings,
    "state-chart": state_chart.chart,
    "states": state_chart.states,
    "test-types": test_type_tables.test_types,
    "grades": verdict_tables.grades,
    "verdicts-on-runs": verdict_tables.on_a_run,
    "verdicts-on-tests": verdict_tables.on_the_test,
}
"""What fills each block, by its name."""


def written(text: str) -> str:
    """Return the document with the content of its blocks. Raises KeyError for a block that nothing fills."""
    return BLOCK.sub(lambda found: _block(found["name"]), text)


def _block(name: str) -> str:
    return f"{BEGIN.format(name)}\n\n{BLOCKS[name]()}\n\n{END.format(name)}"


def documents() -> list[Path]:
    """Return the documents that have blocks."""
    return [path for path in sorted(DOCUMENTS.rglob("*.md")) if BLOCK.search(path.read_text())]


def main() -> None:
    """Write each document that has changed, and name it."""
    for path in documents():
        before = path.read_text()
        after = written(before)
        if after != before:
            path.write_text(after)
            print(path.relative_to(ROOT))


if __name__ == "__main__":
    main()
