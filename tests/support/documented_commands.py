"""How the command lines of the documents are run."""

import os
import re
import shutil
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from local import install
from testbed import ROOT
from testbed.documentation.command_blocks import Block

<<<<<<< HEAD
=======
NOT_RUN: Mapping[str, tuple[str, ...]] = {
    "Docker is not here. tests/system/docker checks the files with the real docker-compose, and runs make-secrets.": (
        "docker/make-secrets",
        "chmod u+w docker/secrets/api_keys",
        "docker compose -f docker/compose.yml config --resolve-image-digests > docker/pinned.yml",
        "docker compose -f docker/compose.yml -f docker/compose.nvidia.yml up --detach --build --wait",
        "docker/make-secrets local lab2",
        "mkdir -m 700 docker/secrets",
        "docker build --target api --file docker/Dockerfile --tag gait-api .",
    ),
    "It starts a stack that stays. tests/system/test_whole_session.py runs the Procfile, and tests/integration/local "
    "what make starts.": (
        "honcho start -c worker=4",
        "RETENTION_DAYS=90 honcho start",
        "IDLE_BASELINE=20 honcho start -c worker=4",
        "REQUESTS_PER_SECOND=20 MAX_OPEN_SESSIONS=100 honcho start",
        "OLLAMA_HOST=0.0.0.0 ollama serve",
        "export OLLAMA_HOSTS=desk=http://192.168.1.10:11434,server=http://192.168.1.20:11434",
    ),
    "It takes a quarter of an hour. tests/bench/test_fault_injection.py runs its faults once.": (
        "make fault-injection   # about fifteen minutes",
    ),
    "It needs a PostgreSQL of the reader. tests/integration/common/test_backup.py copies and restores a real one.": (
        'pg_dump --format=custom --file=gait.dump "$DATABASE_URL"',
    ),
    "It stops or replaces the data of the stack. tests/integration/common/test_backup.py restores a copy.": (
        "rm -f var/gait.db-wal var/gait.db-shm && cp copy.db var/gait.db",
    ),
    "It downloads packages. tests/integration/api/clients generates and uses these clients.": (
        "openapi-python-client generate --url http://localhost:8000/openapi.json",
    ),
    "It is in the clone, and takes minutes. tests/system/test_ci_example.py runs it.": (
        "examples/ci/benchmark.sh baseline 5 llama3.2:3b --types decode",
    ),
    "It names servers of the reader.": ("DATABASE_URL=postgresql://gait:PASSWORD@db.example/gait",),
    "It would find the API of other tests. tests/integration/api/test_request_log.py sends the signal to its own.": (
        (
            "kill -HUP \"$(pgrep --oldest --full 'gunicorn.*api.app')\"    "
            "# in Compose: docker compose kill --signal HUP api"
        ),
    ),
    "It writes to /backups. tests/integration/common/test_backup.py copies a database in use, and restores it.": (
        'python -m common.backup "/backups/gait-$(date +%F).db"',
    ),
}
"""The first lines of blocks that are not run, by reason."""

>>>>>>> main
SHORTER = {
    r" --effort \w+": "",
    r"gait run": "gait run --effort quick",
    r"--types capacity": "--types capacity -o capacity.goodPercent=50 -o capacity.maxUsers=1 -o capacity.maxSeconds=2",
    r"capacity.outputTokens=128": "capacity.outputTokens=16",
    r"concurrency.users=1,2,4,8,16": "concurrency.users=1,2 -o concurrency.durationSeconds=0",
    r"--limit 100": "--limit 3",
    r"for page in [\d ]+": "for page in 1",
    r"(--types \S*prefill\S*)": r"\1 -o prefill.promptTokens=64",
}
"""What makes sessions short in a test: regular expressions, and what stands for what they match."""
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
    """Write `gait` and stand-ins for four programs into `.venv/bin` of a folder.

    make only shows what it would run. curl fails with the status of the answer. wsdump ends with the first message.
    duckdb is that of Python.
    """
    own = folder / ".venv" / "bin"
    own.mkdir(parents=True)
    curl = shutil.which("curl")
    texts = {
        "make": MAKE.format(make=shutil.which("make"), root=ROOT),
        "curl": CURL.format(curl=curl),
        "wsdump": ENDLESS.format(python=sys.executable),
        "gait": install.COMMAND.format(python=sys.executable, clone=str(ROOT)),
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
