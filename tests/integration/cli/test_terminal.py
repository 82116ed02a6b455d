"""`gait` as a process at a terminal of 80 columns, and in a pipe."""

import fcntl
import json
import os
import pty
import re
import signal
import subprocess
import sys
import termios
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from redis import Redis

from cli.exit_codes import ExitCode
from common.messaging import events
from common.store.reads.sessions import SessionState
from testbed import ROOT
from tests.integration.cli.conftest import KEY, Gait
from tests.support.stored.sessions import finished, queued

COMMAND = [sys.executable, "-m", "cli"]
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
CTRL_C = b"\x03"
HIDDEN = ("COLUMNS", "CI")
"""Variables that a person at a terminal has not set."""

pytestmark = pytest.mark.usefixtures("redis", "stored")


def _take_terminal() -> None:
    """Let the process's Ctrl-C be that of its terminal."""
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


class Terminal:
    """A terminal of 80 columns with a command in it. `text` is what was shown since `shows` last found its words."""

    def __init__(self, *arguments: str, environment: dict[str, str]) -> None:
        self.text = ""
        self._master, slave = pty.openpty()
        termios.tcsetwinsize(self._master, (24, 80))
        variables = os.environ | environment | {"TERM": "xterm-256color"}
        self.process = subprocess.Popen(
            [*COMMAND, *arguments],
            cwd=ROOT,
            env={name: value for name, value in variables.items() if name not in HIDDEN},
            stdin=slave,
            stdout=slave,
            stderr=slave,
            preexec_fn=_take_terminal,  # noqa: PLW1509 - no other thread holds a lock that it needs
        )
        os.close(slave)

    def shows(self, words: str) -> None:
        """Read until the words are shown."""
        while words not in self.text:
            assert self._read(), self.text
        self.text = self.text.partition(words)[2]

    def ends(self) -> int:
        while self._read():
            pass
        return self.process.wait(timeout=30)

    def type(self, keys: bytes) -> None:
        os.write(self._master, keys)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._master)

    def _read(self) -> bool:
        try:
            read = os.read(self._master, 1 << 16)
        except OSError:  # the other end is closed
            return False
        self.text += ESCAPES.sub("", read.decode())
        return bool(read)


def _publish(redis: Redis, session_id: str, progress: float) -> None:
    """Publish how far the first test is."""
    state = SessionState("running", 40.0, 0, 2)
    events.publish(redis, events.Event("progress", session_id, state, "measuring", "tiny:latest", "decode", progress))


OpenTerminal = Callable[..., Terminal]


@pytest.fixture
def at_terminal(environment: dict[str, str]) -> Iterator[OpenTerminal]:
    opened: list[Terminal] = []

    def open_terminal(*arguments: str) -> Terminal:
        opened.append(Terminal(*arguments, environment=environment))
        return opened[-1]

    yield open_terminal
    for terminal in opened:
        terminal.close()


def test_a_session_is_followed_to_its_end(at_terminal: OpenTerminal, redis: Redis) -> None:
    session = queued("tiny:latest")
    terminal = at_terminal("watch", session.id)
    terminal.shows("waiting")
    _publish(redis, session.id, 80.0)
    terminal.shows("80%")
    terminal.type(CTRL_C)
    terminal.shows("The session goes on.")
    assert terminal.ends() == ExitCode.INTERRUPTED


def test_ctrl_c_asks_and_a_second_one_leaves_the_session_running(
    at_terminal: OpenTerminal, gait: Gait, redis: Redis
) -> None:
    terminal = at_terminal("run", "tiny", "--watch", "--name", "interrupted")
    terminal.shows("waiting")
    [session] = json.loads(gait("list", "--search", "interrupted", "--json").stdout)["sessions"]
    for progress in (30.0, 60.0):  # after the answer, the bars move and the question comes again
        _publish(redis, session["id"], progress)
        terminal.shows(f"{progress:.0f}%")
        terminal.type(CTRL_C)
        terminal.shows("Cancel the session? Ctrl-C leaves it running. [y/N]:")
        terminal.type(b"n\n")
        terminal.shows("whole session")
    terminal.type(CTRL_C)
    terminal.shows("[y/N]:")
    terminal.type(CTRL_C)
    terminal.shows("The session goes on. To watch it or to stop it:")
    assert terminal.ends() == ExitCode.INTERRUPTED
    assert "interrupted" in gait("list", "--status", "queued").stdout


def test_ctrl_c_cancels_if_that_is_wanted(at_terminal: OpenTerminal, gait: Gait) -> None:
    terminal = at_terminal("run", "tiny", "--watch", "--name", "unwanted")
    terminal.shows("waiting")
    terminal.type(CTRL_C)
    terminal.shows("[y/N]:")
    terminal.type(b"y\n")
    terminal.shows("The session is cancelled.")
    assert terminal.ends() == ExitCode.INTERRUPTED
    assert "unwanted" in gait("list", "--status", "cancelled").stdout


def test_in_a_pipe_ctrl_c_leaves_the_session_running(environment: dict[str, str]) -> None:
    variables = os.environ | environment
    with subprocess.Popen(
        [*COMMAND, "run", "tiny", "--watch"], cwd=ROOT, env=variables, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr
        assert process.stderr.readline().startswith("Session ")
        assert process.stderr.readline().endswith("\n"), "it watches"
        process.send_signal(signal.SIGINT)
        assert "The session goes on. To watch it or to stop it:" in process.stderr.read()
    assert process.returncode == ExitCode.INTERRUPTED


def test_a_reader_that_leaves_is_not_an_error(environment: dict[str, str]) -> None:
    for _ in range(3):
        finished()
    variables = os.environ | environment
    with subprocess.Popen(
        [*COMMAND, "list", "--json"], cwd=ROOT, env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == ExitCode.CLOSED_PIPE


def test_the_demo_ends_with_ctrl_c_and_cancels_its_session(
    at_terminal: OpenTerminal, gait: Gait, environment: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "stack.url").write_text(environment["GAIT_URL"])
    environment |= {"GAIT_DATA": str(tmp_path), "API_KEYS": KEY}
    terminal = at_terminal("demo")
    terminal.shows("The demo uses the Gait that already runs at")
    terminal.shows("Measuring tiny:latest")
    terminal.shows("waiting")
    terminal.type(CTRL_C)
    terminal.shows("Stopping")
    assert terminal.ends() == ExitCode.INTERRUPTED
    assert "demo" in gait("list", "--status", "cancelled").stdout
