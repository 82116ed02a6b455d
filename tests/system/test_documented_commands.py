"""The command lines of the documents, run from first to last on a stack with a double of Ollama."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import requests

from cli.app import app
from cli.exit_codes import ExitCode
from common.store.database import database, initialise
from local.processes import server
from local.redis_server import redis_server
from testbed import ROOT
from testbed.documentation.command_blocks import FILES, blocks
from testbed.documentation.reference.command_reference import walk
from testbed.ollama_double import OllamaDouble, Timing
from testbed.servers.api_server import TIMEOUT_S, ApiServer, api_server
from testbed.servers.postgresql import PostgreSql
from testbed.servers.restartable_stack import Site, site
from testbed.servers.stack import settings_of
from tests.support.documents import documented_commands
from tests.support.documents.commands_not_run import NOT_RUN
from tests.support.stored.measured import decode, measured

MODELS = ("llama3.2:3b", "llama3.2:3b-q8_0", "qwen3:4b")
"""The models of the documents."""
NIGHTS = 15
EXAMPLE = ("tiny", "--types", "decode", "-o", "decode.outputTokens=16", "-o", "decode.maxRepetitions=8")
"""The short sessions of the example for CI, of a model of its own: others would count as unchanged ones."""
REASONS = {first: reason for reason, lines in NOT_RUN.items() for first in lines}
BLOCKS = {file: list(blocks(file)) for file in FILES}
RUN = {file: [block for block in of if block.name not in REASONS] for file, of in BLOCKS.items()}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not all(map(shutil.which, ("jq", "curl"))), reason="the documents use jq and curl"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Yield the reader's folder, with the commands."""
    made = tmp_path_factory.mktemp("reader")
    documented_commands.tools(made)
    listening = made / "gait.socket"
    command = [sys.executable, "-m", "tests.support.processes.forked_gait", str(listening)]
    with server(command, made / "gait.log", ready=listening.exists):
        yield made


@pytest.fixture(scope="module")
def double() -> Iterator[OllamaDouble]:
    """Yield the Ollama of the host `local`."""
    with OllamaDouble(*MODELS, "tiny:latest") as double:
        yield double


@pytest.fixture(scope="module")
def settings(folder: Path, double: OllamaDouble) -> Iterator[dict[str, str]]:
    with redis_server(folder / "redis", folder / "redis.log") as redis_url, OllamaDouble(*MODELS) as other:
        hosts = f"local@lab={double.url},server@lab={other.url}"
        yield settings_of(folder, redis_url, {}, OLLAMA_HOSTS=hosts, SAMPLER_HOST="local", IDLE_BASELINE="0")


@pytest.fixture(scope="module")
def gait(folder: Path, settings: dict[str, str]) -> Iterator[Site]:
    """Yield a stack with a history, in which the scheduler has found that an update of Ollama made decoding slower."""
    scheduler = [sys.executable, "-m", "scheduler"]
    with site(folder, settings) as running:
        _measure_nights(settings["DATABASE_URL"])
        log, variables = folder / "scheduler.log", {**os.environ, **settings}
        with server(scheduler, log, variables, ready=lambda: _has_regression(running.url)):
            yield running


def _measure_nights(database_url: str) -> None:
    initialise(database_url)
    with database.connection_context():
        for night in range(NIGHTS):
            is_slower = night >= NIGHTS - 3
            rates = [
                (0.8 if is_slower else 1) * rate for rate in (100 + night / 10, 100.5, 101, 101.5, 102 - night / 10)
            ]
            ollama = "0.9.4" if is_slower else "0.9.3"
            measured({"decode": decode(*rates)}, MODELS[:1], name=f"night {night}", ollama=ollama)


def _has_regression(url: str) -> bool:
    return bool(requests.get(f"{url}/api/v1/regressions", timeout=TIMEOUT_S).json()["regressions"])


@pytest.fixture(scope="module")
def second(
    settings: dict[str, str], postgresql: PostgreSql, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ApiServer]:
    """Yield the API of another Gait, on a PostgreSQL, to which the documents import sessions."""
    own = {**settings, "DATABASE_URL": postgresql.database()}
    with api_server(tmp_path_factory.mktemp("second"), own) as running:
        yield running


@pytest.mark.parametrize("file", [file for file, of in RUN.items() if of], ids=lambda file: str(file.relative_to(ROOT)))
def test_the_commands_of_a_document_run(
    file: Path, folder: Path, settings: dict[str, str], gait: Site, second: ApiServer
) -> None:
    addresses = {"localhost:8000": gait.url.removeprefix("http://"), "localhost:8001": second.address}
    text = documented_commands.script(RUN[file], addresses)
    variables = documented_commands.environment(folder, settings, gait.url)
    done = subprocess.run(
        [str(shutil.which("bash")), "-c", text],
        cwd=folder,
        env=variables,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]


def test_the_example_for_ci_fails_on_a_planted_slow_down(
    folder: Path, settings: dict[str, str], gait: Site, double: OllamaDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    variables = documented_commands.environment(folder, settings, gait.url)
    script = [str(ROOT / "examples" / "ci" / "benchmark.sh"), "main", "50", *EXAMPLE]

    def benchmark(each_ms: float) -> subprocess.CompletedProcess[str]:
        monkeypatch.setattr(double, "timing", Timing(each=each_ms))
        return subprocess.run(script, env=variables, capture_output=True, text=True, check=False)

    unchanged = benchmark(8)  # a busy machine adds some milliseconds to each token
    assert unchanged.returncode == ExitCode.DONE, unchanged.stdout + unchanged.stderr
    assert "Failed" not in unchanged.stderr
    slower = benchmark(60)
    assert slower.returncode == ExitCode.CHANGED, slower.stdout + slower.stderr
    assert re.search(r"^Failed: decode: ci \S+ \S+ is slower than main: ", slower.stderr, re.MULTILINE)


def test_each_block_that_is_not_run_is_in_a_document() -> None:
    names = {block.name for of in BLOCKS.values() for block in of}
    assert set(REASONS) - names == set()
    assert all(reason.endswith(".") for reason in NOT_RUN)


def test_commands_that_are_named_in_a_document_exist() -> None:
    wrong = {
        file: [each for each in documented_commands.named(file.read_text()) if not _is_known(each)] for file in FILES
    }
    assert {file: of for file, of in wrong.items() if of} == {}


def _is_known(words: str) -> bool:
    """Return whether `gait …` is a command with these options."""
    known = {context.command_path: command for context, command in walk()}
    typed = shlex.split(words.partition("|")[0].rstrip("\\"))
    names = list(_path(typed, known))
    command = known.get(" ".join(names))
    options = {each for group in (app, command) if group for parameter in group.params for each in parameter.opts}
    given = {word.partition("=")[0] for word in typed if word.startswith("--")}
    return (typed[1:2] in ([], ["--version"])) or (command is not None and given <= {*options, "--help"})


def _path(typed: list[str], known: dict[str, click.Command]) -> Iterator[str]:
    """Yield the words of the longest command."""
    for count, word in enumerate(typed, start=1):
        if count > 1 and " ".join(typed[:count]) not in known:
            return
        yield word
