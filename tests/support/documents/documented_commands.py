"""How the command lines of the documents are run."""

import os
import re
import shutil
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from testbed import ROOT
from testbed.documentation.command_blocks import Block
from tests.support.processes import forked_gait

SHORTER = {
    r" --effort \w+": "",
    r"gait run": "gait run --effort quick",
    r"--types capacity": "--types capacity -o capacity.goodPercent=50 -o capacity.maxUsers=1 -o capacity.maxSeconds=2",
    r"capacity.ttftObjective=1000": "capacity.ttftObjective=1",
    r"capacity.promptTokens=512": "capacity.promptTokens=64",
    r"capacity.outputTokens=128": "capacity.outputTokens=16",
    r"--types concurrency": "--types concurrency -o concurrency.durationSeconds=0 -o concurrency.outputTokens=16",
    r"concurrency.users=[\d,]+": "concurrency.users=1,2",
    r'"decode"\]}\'\n': '"decode"], "effort": "quick"}\'\n',
    r"--repeat \d": "--repeat 2",
    r"--limit 100": "--limit 3",
    r"for page in [\d ]+": "for page in 1",
    r"(run .*--types \S*\bprefill\S*)": r"\1 -o prefill.promptTokens=64",
    r"(run .*--types \S*\bttft\S*)": r"\1 -o ttft.promptTokens=64",
    r"(run .*--types \S*\bdecode\S*)": r"\1 -o decode.outputTokens=16",
    r"(gait compare .*--fail-on .*|\S*benchmark\.sh .*)": r"\1 || test $? -eq 3",
}
"""What makes sessions short, and lets them differ on a busy machine: patterns, and what stands for what they match."""
MAKE = """#!/bin/sh
exec {make} --silent --dry-run --directory {root} "$@" > /dev/null
"""
CURL = """#!/bin/sh
exec {curl} --fail-with-body --max-time 60 "$@"
"""
DUCKDB = """#!{python}
import sys
import duckdb

print(duckdb.sql(sys.argv[2]))
"""
ENDLESS = """#!{python}
import subprocess
import sys

command = [sys.executable, "-m", "websocket._wsdump", *sys.argv[1:]]
with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as endless:
    print(endless.stdout.readline())
    endless.kill()
"""


def script(blocks: Iterable[Block], addresses: Mapping[str, str]) -> str:
    """Return the blocks as one script, which says where it failed.

    Addresses in the documents are replaced by those that are served.
    """
    lines = ["set -euo pipefail", "trap 'echo \"failed: $BASH_COMMAND\" >&2' ERR"]
    for block in blocks:
        text = block.text
        for written, served in {**addresses, **SHORTER}.items():
            text = re.sub(written, served, text)
        lines += [f"echo '# {block.document}:{block.line}'", text]
    return "\n".join(lines)


def tools(folder: Path) -> None:
    """Write stand-ins for five programs into `.venv/bin` of a folder.

    gait is that of `forked_gait`, which listens at `gait.socket` in the folder. make only shows what it would run. curl
    fails with the status of the answer. wsdump ends with the first message. duckdb is that of Python.
    """
    own = folder / ".venv" / "bin"
    own.mkdir(parents=True)
    curl = shutil.which("curl")
    texts = {
        "make": MAKE.format(make=shutil.which("make"), root=ROOT),
        "curl": CURL.format(curl=curl),
        "wsdump": ENDLESS.format(python=sys.executable),
        "gait": forked_gait.CLIENT.format(python=sys.executable, path=str(folder / "gait.socket")),
        "duckdb": DUCKDB.format(python=sys.executable),
    }
    for name, text in texts.items():
        (own / name).write_text(text)
        (own / name).chmod(0o755)


def environment(folder: Path, settings: Mapping[str, str], url: str) -> dict[str, str]:
    """Return the variables of a reader whose Gait runs at the URL."""
    path = [str(folder / ".venv" / "bin"), str(ROOT / ".venv" / "bin"), os.environ["PATH"]]
    own = {
        "HOME": str(folder),
        "PATH": os.pathsep.join(path),
        "PYTHONPATH": str(ROOT),
        "GAIT_URL": url,
        "NO_COLOR": "1",
    }
    return {**os.environ, **settings, **own}


def named(text: str) -> list[str]:
    """Return each `gait …` that a document names within a sentence."""
    return re.findall(r"`(gait(?: [^`\n]*)?)`", text)
