"""All of Gait on one machine without containers: Redis, an Ollama with a model, and the Procfile's processes."""

import contextlib
import os
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from filelock import FileLock, Timeout
from honcho.environ import parse_procfile

from common.environment.addresses import LISTENS_EVERYWHERE, OllamaHost
from common.environment.anonymous import refuse_anonymous
from common.environment.hosts import listed
from common.environment.settings import Settings, settings
from common.machines.grouping import resolved_machines
from common.machines.hosts_here import hosts_here
from local.client import Client, configured_keys
from local.ollama.first_model import ensure_model
from local.ollama.server import ollama_server
from local.ports import addresses, bind_error
from local.processes import CannotStart, Process, Say, check, start, stop, wait_until
from local.redis_server import private_redis

ROOT = Path(__file__).parent.parent
VAR = ROOT / "var"
LOGS = VAR / "log"
ADDRESS = VAR / "stack.url"


@dataclass(frozen=True)
class Stack:
    """A running stack: the API's URL, and the processes that must not end, by their log files."""

    url: str
    processes: Mapping[Path, Process] = field(default_factory=dict)

    def check(self) -> None:
        """Raise CannotStart, with the end of its log, if a process has ended."""
        check(self.processes)


@contextmanager
def stack(port: int, say: Say) -> Iterator[Stack]:
    """Run the stack with its API on `port` until the block ends, and yield it when it is ready.

    Raises:
        CannotStart: if something is missing or the port is in use, with advice.
        ConfigurationError: if no setting says which of several hosts this machine is, or if others may use it without a
            key.
    """
    config = settings()
    here = next(iter(hosts_here(config.ollama_hosts, config.sampler_host)))
    for note in config.notes:
        say(note)
    refusal = bind_error(config.host, port)
    if refusal:
        raise CannotStart(refusal)
    refuse_anonymous(addresses(config.host, port), config)
    with (
        _only_one(),
        private_redis(VAR / "redis", LOGS / "redis.log", say) as redis_url,
        _ollama_hosts(config, say) as hosts,
    ):
        url = address(config.host, port)
        environment = {
            "GAIT_PORT": str(port),
            "GAIT_REDIS_URL": redis_url,
            "GAIT_REDIS_URL_FILE": "",
            "GAIT_OLLAMA_HOSTS_FILE": "",
            "GAIT_OLLAMA_HOSTS": hosts,
        }
        machines = len(set(resolved_machines(config.ollama_hosts).values()))
        with procfile(ROOT / "Procfile", LOGS, environment, workers=machines) as processes:
            client = Client(url, configured_keys())
            wait_until(lambda: client.is_complete(here), processes, why=lambda: client.problem(here))
            ADDRESS.write_text(url)
            yield Stack(url, processes)


def running() -> Stack | None:
    """Return the stack that another `make run` in this folder keeps up, if there is one."""
    url = ADDRESS.read_text() if ADDRESS.exists() else None
    return Stack(url) if url and Client(url).is_ready() else None


@contextmanager
def procfile(path: Path, logs: Path, environment: dict[str, str], workers: int = 1) -> Iterator[dict[Path, Process]]:
    """Run one process for each line of the Procfile, but `workers` workers, with this Python's programs on PATH."""
    programs = str(Path(sys.executable).parent)
    full = os.environ | {"PATH": f"{programs}{os.pathsep}{os.environ.get('PATH', os.defpath)}"} | environment
    processes: dict[Path, Process] = {}
    try:
        for line, command in parse_procfile(path.read_text()).processes.items():
            copies = [f"{line}-{number}" for number in range(2, workers + 1)] if line == "worker" else []
            for name in (line, *copies):
                log = logs / f"{name}.log"
                processes[log] = start(["/bin/sh", "-c", command], log, full, parent_death_signal=signal.SIGKILL)
        yield processes
    finally:
        stop(*processes.values())


def address(host: str, port: int) -> str:
    """Return the URL that reaches a server on this machine which listens on this host and port."""
    host = LISTENS_EVERYWHERE.get(host, host)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def database() -> str:
    """Return the place of the results: a file's path, or a server's address without its password."""
    scheme, _, location = settings().database_url.partition("://")
    if scheme == "sqlite":
        return location.removeprefix("/")
    return f"{scheme}://{location.partition('?')[0].rpartition('@')[2]}"  # a query may hold a password too


@contextmanager
def _only_one() -> Iterator[None]:
    """Refuse a second stack, which would write the same Redis files and disturb the measurements."""
    VAR.mkdir(exist_ok=True)
    lock = FileLock(VAR / "stack.lock", blocking=False)
    try:
        lock.acquire()
    except Timeout as error:
        raise CannotStart("Gait already runs in this folder. Stop it first (Ctrl-C in its terminal).") from error
    with lock, contextlib.ExitStack() as contexts:
        contexts.callback(ADDRESS.unlink, missing_ok=True)
        yield


@contextmanager
def _ollama_hosts(config: Settings, say: Say) -> Iterator[str]:
    """Yield OLLAMA_HOSTS for the processes. Only the host named local is started here, if it does not run."""
    hosts = dict(config.ollama_hosts)
    with contextlib.ExitStack() as contexts:
        if "local" in hosts:
            found = hosts["local"]
            server = ollama_server(found.url, VAR / "ollama", LOGS / "ollama.log", say, found.authorization)
            url = contexts.enter_context(server)
            hosts["local"] = found if url == found.url else OllamaHost(url, machine=found.machine)
            ensure_model(url, say, hosts["local"].authorization)
        yield listed(hosts)
