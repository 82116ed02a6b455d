"""The command lines in the documents: each fenced block of the language `sh`."""

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from testbed import ROOT
from testbed.documentation.site.pages import DOCUMENTS, ELSEWHERE

FENCE = re.compile(r"^(?P<indent> *)```(?P<language>\w*)\n(?P<text>.*?)^(?P=indent)```$", re.DOTALL | re.MULTILINE)
SHELLS = {"bash", "console", "shell", "shell-session", "zsh"}
"""Other languages of command lines, which the documents do not use, so that no block is overlooked."""
FILES = sorted([ROOT / "README.md", *DOCUMENTS.rglob("*.md"), *(ROOT / name for name in ELSEWHERE)])


@dataclass(frozen=True)
class Block:
    """The command lines of a block, which begins at a line of a document."""

    document: str
    line: int
    text: str

    @property
    def name(self) -> str:
        """The first line, by which the list of blocks that are not run names it."""
        return self.text.splitlines()[0]


def blocks(file: Path) -> Iterator[Block]:
    """Yield the blocks of a document in order. Raises ValueError for one in another shell's language."""
    text = file.read_text()
    document = str(file.relative_to(ROOT))
    for found in FENCE.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        if found["language"] in SHELLS:
            raise ValueError(f"{document}:{line} is of the language {found['language']}. Use sh.")
        if found["language"] == "sh":
            yield Block(document, line, textwrap.dedent(found["text"]))
