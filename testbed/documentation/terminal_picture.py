"""A picture of a command in a terminal, as SVG without anything from other sites."""

import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from io import StringIO

from rich.console import Console
from rich.text import Text

from testbed import ROOT

COLUMNS = 100
COLOURED = {"FORCE_COLOR": "1", "TTY_INTERACTIVE": "0", "COLUMNS": str(COLUMNS), "PYTHONUNBUFFERED": "1"}
"""Colours without the redrawn lines of a terminal in use."""
PROCESSES = re.compile(r",\s+the\s+busiest:.*?%\.", re.DOTALL)
"""The names of this machine's processes, which are of no interest to a reader."""
FONT_FACE = re.compile(r"@font-face \{.*?\n    \}\n", re.DOTALL)
FONT = "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace"


def terminal_picture(title: str, command: Sequence[str], variables: Mapping[str, str], shown: Mapping[str, str]) -> str:
    """Run the command, and return its output under a title. `shown` has what stands for paths of this machine."""
    environment = {**os.environ, **COLOURED, **variables}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=True
    )
    text = PROCESSES.sub(".", done.stdout.strip())
    for found, instead in shown.items():
        text = text.replace(found, instead)
    return drawn(title, text)


def drawn(title: str, text: str) -> str:
    """Return a picture of coloured text."""
    console = Console(record=True, width=COLUMNS, file=StringIO(), force_terminal=True)
    console.print(Text.from_ansi(text))
    svg = FONT_FACE.sub("", console.export_svg(title=title, unique_id="terminal"))
    return svg.replace("font-family: Fira Code, monospace;", f"font-family: {FONT};")
