"""Ollama failing in every known way during sessions of real workers: once, and until a test gives up."""

import re
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from rich.console import Console

from bench.fault_injection.setup import FaultSetup, fault_setup, has_ended
from common.store.database import database
from common.store.reads.sessions import runs, tests
from common.store.tables import Session, Status, Test
from testbed.ollama_double import GARBAGE, OllamaDouble, Script, error_line
from testbed.servers.certificate import CERTIFICATE
from testbed.servers.workers import children
from testbed.waiting import until

HOSTS = 8
WORKERS = 9
MODELS = 60
TIMEOUT_S = 120
TRIES = 4
LIMITS = {"FIRST_BYTE_TIMEOUT": "2", "SILENCE_TIMEOUT": "2", "REQUEST_TIMEOUT": "4"}
REQUESTS_BEFORE = 8
"""Requests of a session that are answered before the fault. A session has about fifteen."""
ONCE, LASTING = "tests completed, one fault", "tests completed, fault until a test gives up"
SAYS = "message of that test"
COLUMNS = (ONCE, LASTING, SAYS)
MIB = 1024  # in kB, as /proc counts
POLL_S = 0.05

Strike = Callable[[OllamaDouble], None]


@dataclass(frozen=True)
class Fault:
    """A fault that happens once, and one that continues until `mend`. None if the fault lacks that form."""

    once: Strike | None
    lasting: Strike | None
    mend: Strike = lambda _: None


def scripted(script: Script) -> Fault:
    return Fault(lambda double: double.order(script), lambda double: double.order(*[script] * TRIES))


def lasting_only(script: Script) -> Fault:
    """Return a fault after which the worker does not retry."""
    return Fault(None, lambda double: double.order(script))


def restart(double: OllamaDouble) -> None:
    double.stop()
    double.start()


def delete(double: OllamaDouble) -> None:
    """Delete the model that is being measured, so that both tests of the session end."""
    double.delete(double.requests[-1].model)


FAULTS: dict[str, Fault] = {
    "connection refused": Fault(None, OllamaDouble.stop, OllamaDouble.start),
    "restarted": Fault(restart, None),
    "reset before an answer": scripted(Script(at=None, then="cut")),
    "hangs before the first token": scripted(Script(at=None, then="hang")),
    "hangs after it": scripted(Script(at=5, then="hang")),
    "trickles": lasting_only(Script(at=5, then="trickle")),
    "cuts the stream": scripted(Script(at=5, then="cut")),
    "malformed line": scripted(Script(at=5, then=GARBAGE)),
    "error line": scripted(Script(at=5, then=error_line("out of memory"))),
    "model deleted": Fault(None, delete),
    "500": scripted(Script(500, "llama runner process has terminated")),
    "503": scripted(Script(503, "server busy, please try again")),
    "endless stream": scripted(Script(at=5, then="tokens")),
    "line of a gigabyte": scripted(Script(at=5, then="gigabyte")),
    "empty answer": scripted(Script(then="end")),
    "a proxy's page": scripted(Script(then=GARBAGE, content_type="text/html")),
}
TLS = "tls"


class FaultInjection:
    def __init__(self, setup: FaultSetup, console: Console) -> None:
        self._setup = setup
        self._console = console
        self._numbers = count()
        self._submitting = threading.Lock()

    def strike_all(self) -> dict[str, dict[str, str]]:
        """Inject all faults, with the hosts in parallel."""
        hosts = [host for host in self._setup.hosts if host != TLS]
        shares = [list(FAULTS.items())[number :: len(hosts)] for number in range(len(hosts))]
        with ThreadPoolExecutor(len(hosts) + 1) as pool:
            away = pool.submit(self._untrusted)
            found = dict(row for rows in pool.map(self._strike_in_turn, hosts, shares) for row in rows)
            return {**{name: found[name] for name in FAULTS}, "untrusted certificate": away.result()}

    def _strike_in_turn(self, host: str, faults: list[tuple[str, Fault]]) -> list[tuple[str, dict[str, str]]]:
        with database.connection_context():
            return [(name, self._both(name, fault, host)) for name, fault in faults]

    def _both(self, name: str, fault: Fault, host: str) -> dict[str, str]:
        found: dict[str, str] = {}
        if fault.once:
            found[ONCE] = _completed(self._strike(host, fault.once, lambda _: None))
        if fault.lasting:
            struck = self._strike(host, fault.lasting, fault.mend)
            found |= {LASTING: _completed(struck), SAYS: _message(struck)}
        self._console.print(f"  {name}: {found.get(ONCE, '')} | {found.get(LASTING, '')}")
        return found

    def _strike(self, host: str, strike: Strike, mend: Strike) -> list[Test]:
        """Inject a fault in the middle of a new session, mend it when a test has ended, and return the tests."""
        double, session = self._setup.hosts[host], self._submit(host)
        before = len(double.requests)
        until(lambda: len(double.requests) >= before + REQUESTS_BEFORE, f"the middle of {session.id}", TIMEOUT_S)
        strike(double)
        until(lambda: _ended_tests(session), "a test to end", TIMEOUT_S)
        mend(double)
        self._setup.until_ended([session], TIMEOUT_S)
        return list(tests(session.id))

    def _untrusted(self) -> dict[str, str]:
        with database.connection_context():
            session = self._submit(TLS)
            self._setup.until_ended([session], TIMEOUT_S)
            ended = list(tests(session.id))
        return {LASTING: _completed(ended), SAYS: _message(ended)}

    def _submit(self, host: str) -> Session:
        with self._submitting:
            return self._setup.submit(next(self._numbers), host)


def _ended_tests(session: Session) -> bool:
    return has_ended(session) or any(test.status != Status.RUNNING for test in tests(session.id))


def _completed(ended: list[Test]) -> str:
    completed = [test for test in ended if test.status == Status.COMPLETED]
    return f"{len(completed)} of {len(ended)}, {sum(len(runs(test)) for test in completed)} runs"


def _message(ended: list[Test]) -> str:
    messages = [test.message for test in ended if test.message]
    return re.sub(r"://127\.0\.0\.1:\d+", "://HOST", messages[0]) if messages else ""


class Peak:
    """Peak memory of the worker processes, in kB. The kernel keeps the peak between two looks."""

    def __init__(self, setup: FaultSetup) -> None:
        self._setup = setup
        self._over = threading.Event()
        self.idle = self.highest = 0

    @contextmanager
    def watched(self) -> Iterator[None]:
        self.idle = max(_peak(process.pid) for process in self._setup.workers.started)
        watching = threading.Thread(target=self._watch)
        watching.start()
        try:
            yield
        finally:
            self._over.set()
            watching.join()

    def _watch(self) -> None:
        while not self._over.wait(POLL_S):
            children_of_workers = [child.pid for process in self._setup.workers.started for child in children(process)]
            self.highest = max([self.highest, *map(_peak, children_of_workers)])


def _peak(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:  # gone, or not Linux
        return 0
    return int((re.findall(r"VmHWM:\s+(\d+)", status) or ["0"])[0])


@contextmanager
def _untrusted_double(setup: FaultSetup) -> Iterator[None]:
    """Add a host with a self-signed TLS certificate."""
    with tempfile.TemporaryDirectory() as folder:
        certificate = Path(folder) / "certificate.pem"
        certificate.write_text(CERTIFICATE)
        with OllamaDouble(*next(iter(setup.hosts.values())).models, certificate=certificate) as double:
            setup.hosts[TLS] = double
            yield


def inject_faults(console: Console) -> dict[str, dict[str, str]]:
    """Return the outcome of the two tests of each session, by fault."""
    began = time.monotonic()
    with fault_setup(HOSTS, MODELS) as setup, _untrusted_double(setup):
        setup.workers.environment |= LIMITS
        setup.start_workers(WORKERS)
        peak = Peak(setup)
        with peak.watched():
            found = FaultInjection(setup, console).strike_all()
        overlaps = setup.overlaps()
    console.print(
        f"  {time.monotonic() - began:.0f} s; peak memory of a worker process: {peak.highest / MIB:.0f} MiB, "
        f"idle {peak.idle / MIB:.0f} MiB; requests of two sessions on a host at once: {overlaps}"
    )
    return found
