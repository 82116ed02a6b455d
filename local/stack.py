"""All of Gait on one machine without containers: Redis, an Ollama with a model, and Gait's own processes."""

import contextlib
import os
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from filelock import FileLock, Timeout

from common.environment.keys.anonymous import refuse_anonymous
from common.environment.servers.addresses import LISTENS_EVERYWHERE, OllamaHost
from common.environment.servers.hosts import listed
from common.environment.settings import Settings, settings
from common.machines.grouping import resolved_machines
from common.machines.hosts_here import hosts_here
from common.process.programs import PROGRAMS, command, with_packages
from local.dialogue import Ask, Say, ask_nobody
from local.ollama.first_model import ensure_model
from local.ollama.server import ollama_server
from local.ports import addresses, bind_error
from local.processes import CannotStart, Process, check, start, stop, wait_until
from local.readiness import Readiness, configured_key
from local.redis_server import private_redis

COMMANDS = {process: command(process) for process in PROGRAMS}


@dataclass(frozen=True)
class Stack:
    """A running stack: the API's URL, and the processes that must not end, by their log files."""

    url: str
    processes: Mapping[Path, Process] = field(default_factory=dict)

    def check(self) -> None:
        """Raise CannotStart, with the end of its log, if a process has ended."""
        check(self.processes)


@contextmanager
def stack(port: int, say: Say, ask: Ask = ask_nobody) -> Iterator[Stack]:
    """Run the stack with its API on `port` until the block ends, and yield it when it is ready.

    `ask` is called before something large is fetched.

    Raises:
        CannotStart: if something is missing or the port is in use, with advice.
        ConfigurationError: if no setting says which of several hosts this machine is, or if others may use it without a
            key.
    """
    config = settings()
    here = next(iter(hosts_here(config.ollama_hosts, config.sampler_host)))
    for note in config.notes:
        say(note)
    _check_address(config, port)
    logs = logs_folder()
    with (
        _only_one(config.data),
        private_redis(config.data / "redis", logs / "redis.log", say) as redis_url,
        _ollama_hosts(config, say, ask) as hosts,
    ):
        url = address(config.host, port)
        machines = len(set(resolved_machines(config.ollama_hosts).values()))
        with running_processes(COMMANDS, logs, _environment(port, redis_url, hosts), workers=machines) as processes:
            readiness = Readiness(url, configured_key())
            wait_until(lambda: readiness.is_complete(here), processes, why=lambda: readiness.problem(here))
            _address_file(config.data).write_text(url)
            yield Stack(url, processes)


def _check_address(config: Settings, port: int) -> None:
    if refusal := bind_error(config.host, port):
        raise CannotStart(refusal)
    refuse_anonymous(addresses(config.host, port), config)


def _environment(port: int, redis_url: str, hosts: str) -> dict[str, str]:
    """Return the variables that only the processes of this stack have."""
    return {
        "GAIT_PORT": str(port),
        "GAIT_REDIS_URL": redis_url,
        "GAIT_REDIS_URL_FILE": "",
        "GAIT_OLLAMA_HOSTS_FILE": "",
        "GAIT_OLLAMA_HOSTS": hosts,
    }


def running() -> Stack | None:
    """Return the stack that another command keeps up with the same folder of data, if there is one."""
    file = _address_file(settings().data)
    url = file.read_text() if file.exists() else None
    return Stack(url) if url and Readiness(url).api_is_ready() else None


def logs_folder() -> Path:
    """Return the folder of the logs of all processes."""
    return settings().data / "log"


@contextmanager
def running_processes(
    commands: Mapping[str, Sequence[str]], logs: Path, environment: dict[str, str], workers: int = 1
) -> Iterator[dict[Path, Process]]:
    """Run one process of each command, but `workers` of that named worker. Yield them by their log files."""
    full = with_packages(os.environ | environment)
    processes: dict[Path, Process] = {}
    try:
        for line, each in commands.items():
            copies = [f"{line}-{number}" for number in range(2, workers + 1)] if line == "worker" else []
            for name in (line, *copies):
                log = logs / f"{name}.log"
                processes[log] = start(each, log, full, parent_death_signal=signal.SIGKILL)
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


def _address_file(data: Path) -> Path:
    return data / "stack.url"


@contextmanager
def _only_one(data: Path) -> Iterator[None]:
    """Refuse a second stack, which would write the same Redis files and disturb the measurements."""
    data.mkdir(parents=True, exist_ok=True)
    lock = FileLock(data / "stack.lock", blocking=False)
    try:
        lock.acquire()
    except Timeout as error:
        raise CannotStart(
            f"Gait already runs with the folder {data}. Stop it first (Ctrl-C in its terminal), or name another folder "
            "in GAIT_DATA."
        ) from error
    with lock, contextlib.ExitStack() as contexts:
        contexts.callback(_address_file(data).unlink, missing_ok=True)
        yield


@contextmanager
def _ollama_hosts(config: Settings, say: Say, ask: Ask) -> Iterator[str]:
    """Yield OLLAMA_HOSTS for the processes. Only the host named local is started here, if it does not run."""
    hosts = dict(config.ollama_hosts)
    with contextlib.ExitStack() as contexts:
        if "local" in hosts:
            found = hosts["local"]
            log = logs_folder() / "ollama.log"
            server = ollama_server(found, config.data / "ollama", log, say, ask)
            url = contexts.enter_context(server)
            hosts["local"] = found if url == found.url else OllamaHost(url, machine=found.machine)
            ensure_model(url, say, hosts["local"].authorization, ask)
        yield listed(hosts)
