"""The whole stack on one machine without containers: Redis, an Ollama with a model, the Procfile's processes."""

import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from filelock import FileLock, Timeout
from honcho.environ import parse_procfile

from common.config import Settings, settings
from local.client import Client
from local.first_model import ensure_model
from local.ollama_server import ollama_server
from local.ports import is_free
from local.processes import CannotStart, Process, check, start, stop, wait_until
from local.redis_server import redis_server

ROOT = Path(__file__).parent.parent
VAR = ROOT / "var"
LOGS = VAR / "log"
ADDRESS = VAR / "stack.url"
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared, not bound

Say = Callable[[str], None]


@dataclass(frozen=True)
class Stack:
    """A running stack: the API's URL, and its processes by their log files."""

    url: str
    processes: Mapping[Path, Process] = field(default_factory=dict)

    def check(self) -> None:
        """Raise CannotStart with the end of the log if a process has ended."""
        check(self.processes)


@contextmanager
def stack(port: int, say: Say) -> Iterator[Stack]:
    """Run the stack with its API on `port`. The block starts when the stack is ready.

    Raises:
        CannotStart: if something is missing or in the way, with advice.
        ConfigurationError: if it is unknown which of several hosts runs on this machine.
    """
    wanted = settings()
    here = wanted.this_machine()
    if not is_free(wanted.host, port):
        raise CannotStart(
            f"Port {port} is in use. Stop the program that uses it, or choose another port: PORT=8001 make run"
        )
    with (
        _only_one(),
        redis_server(VAR / "redis", LOGS / "redis.log") as redis_url,
        _ollama_hosts(wanted, say) as hosts,
    ):
        url = address(wanted.host, port)
        environment = {"PORT": str(port), "REDIS_URL": redis_url, "OLLAMA_HOSTS": hosts}
        with procfile(ROOT / "Procfile", LOGS, environment, workers=len(wanted.ollama_hosts)) as processes:
            client = Client(url, wanted.api_keys)
            wait_until(lambda: client.is_complete(here), processes)
            ADDRESS.write_text(url)
            yield Stack(url, processes)


def running() -> Stack | None:
    """Return the stack that `make run` runs in this folder, if there is one."""
    url = ADDRESS.read_text() if ADDRESS.exists() else None
    return Stack(url) if url and Client(url).is_ready() else None


@contextmanager
def procfile(path: Path, logs: Path, environment: dict[str, str], workers: int = 1) -> Iterator[dict[Path, Process]]:
    """Run one process for each line of the Procfile, and `workers` workers, with this Python's programs on PATH."""
    programs = str(Path(sys.executable).parent)
    whole = os.environ | {"PATH": f"{programs}{os.pathsep}{os.environ.get('PATH', os.defpath)}"} | environment
    processes: dict[Path, Process] = {}
    try:
        for line, command in parse_procfile(path.read_text()).processes.items():
            further = [f"{line}-{number}" for number in range(2, workers + 1)] if line == "worker" else []
            for name in (line, *further):
                log = logs / f"{name}.log"
                processes[log] = start(["/bin/sh", "-c", command], log, whole, at_our_death=signal.SIGKILL)
        yield processes
    finally:
        stop(*processes.values())


def address(host: str, port: int) -> str:
    """Return the URL at which this machine reaches a server that listens there."""
    host = EVERYWHERE.get(host, host)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def database() -> str:
    """Return where the results are: the path of a file, or the address of a server without its password."""
    scheme, _, place = settings().database_url.partition("://")
    return place.removeprefix("/") if scheme == "sqlite" else f"{scheme}://{place.rpartition('@')[2]}"


@contextmanager
def _only_one() -> Iterator[None]:
    """Refuse a second stack. It would write the files of the same Redis, and disturb measurements."""
    VAR.mkdir(exist_ok=True)
    lock = FileLock(VAR / "stack.lock", blocking=False)
    try:
        lock.acquire()
    except Timeout as taken:
        raise CannotStart("Gait is already running in this folder. Stop it first (Ctrl-C in its terminal).") from taken
    with lock, contextlib.ExitStack() as leaving:
        leaving.callback(ADDRESS.unlink, missing_ok=True)
        yield


@contextmanager
def _ollama_hosts(wanted: Settings, say: Say) -> Iterator[str]:
    """Yield OLLAMA_HOSTS for the processes. Only the host `local` is started, if it does not run yet."""
    hosts = dict(wanted.ollama_hosts)
    with contextlib.ExitStack() as started:
        if "local" in hosts:
            hosts["local"] = started.enter_context(
                ollama_server(hosts["local"], VAR / "ollama", LOGS / "ollama.log", say)
            )
            ensure_model(hosts["local"], say)
        yield ",".join(f"{name}={url}" for name, url in hosts.items())
