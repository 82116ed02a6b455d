"""Ollamas that do each thing wrong that they can, to sessions of real workers: once, and until a test gives up."""

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

from bench.fault_injection.site import Site, has_ended, site
from common.store.database import database
from common.store.sessions import runs, tests
from common.store.tables import Session, Status, Test
from testbed.certificate import CERTIFICATE
from testbed.ollama_double import GARBAGE, OllamaDouble, Script, error_line
from testbed.waiting import until
from testbed.workers import children

HOSTS = 8
WORKERS = 9
MODELS = 60
PATIENCE_S = 120
TRIES = 4
LIMITS = {"FIRST_BYTE_TIMEOUT": "2", "SILENCE_TIMEOUT": "2", "REQUEST_TIMEOUT": "4"}
IN_THE_MIDDLE = 8
"""So many requests of a session are answered well before the fault; a session has some fifteen."""
ONCE, ON = "tests completed, one fault", "tests completed, fault until a test gives up"
SAYS = "message of that test"
COLUMNS = (ONCE, ON, SAYS)
MIB = 1024  # in kB, as /proc counts
POLL_S = 0.05

Strike = Callable[[OllamaDouble], None]


@dataclass(frozen=True)
class Fault:
    """`once` and `on` strike in those two ways, None where there is no such way; `mend` ends the second."""

    once: Strike | None
    on: Strike | None
    mend: Strike = lambda _: None


def scripted(script: Script) -> Fault:
    return Fault(lambda double: double.order(script), lambda double: double.order(*[script] * TRIES))


def lasting(script: Script) -> Fault:
    """One that is not tried again."""
    return Fault(None, lambda double: double.order(script))


def restart(double: OllamaDouble) -> None:
    double.stop()
    double.start()


def delete(double: OllamaDouble) -> None:
    """The model that is being measured, so that both tests of the session end."""
    double.delete(double.seen[-1].model)


FAULTS: dict[str, Fault] = {
    "connection refused": Fault(None, OllamaDouble.stop, OllamaDouble.start),
    "restarted": Fault(restart, None),
    "reset before an answer": scripted(Script(at=None, then="cut")),
    "hangs before the first token": scripted(Script(at=None, then="hang")),
    "hangs after it": scripted(Script(at=5, then="hang")),
    "trickles": lasting(Script(at=5, then="trickle")),
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
    def __init__(self, place: Site, console: Console) -> None:
        self._place = place
        self._console = console
        self._numbers = count()
        self._submitting = threading.Lock()

    def strike_all(self) -> dict[str, dict[str, str]]:
        """The hosts side by side, the faults of each in turn."""
        hosts = [host for host in self._place.hosts if host != TLS]
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
            found[ONCE] = _told(self._strike(host, fault.once, lambda _: None))
        if fault.on:
            struck = self._strike(host, fault.on, fault.mend)
            found |= {ON: _told(struck), SAYS: _said(struck)}
        self._console.print(f"  {name}: {found.get(ONCE, '')} | {found.get(ON, '')}")
        return found

    def _strike(self, host: str, strike: Strike, mend: Strike) -> list[Test]:
        """The tests of a new session that is struck in its middle, and mended once a test has ended."""
        double, session = self._place.hosts[host], self._submit(host)
        before = len(double.seen)
        until(lambda: len(double.seen) >= before + IN_THE_MIDDLE, f"{session.id} in its middle", PATIENCE_S)
        strike(double)
        until(lambda: _ended_tests(session), "a test to end", PATIENCE_S)
        mend(double)
        self._place.until_ended([session], PATIENCE_S)
        return list(tests(session.id))

    def _untrusted(self) -> dict[str, str]:
        with database.connection_context():
            session = self._submit(TLS)
            self._place.until_ended([session], PATIENCE_S)
            ended = list(tests(session.id))
        return {ON: _told(ended), SAYS: _said(ended)}

    def _submit(self, host: str) -> Session:
        with self._submitting:
            return self._place.submit(next(self._numbers), host)


def _ended_tests(session: Session) -> bool:
    return has_ended(session) or any(test.status != Status.RUNNING for test in tests(session.id))


def _told(ended: list[Test]) -> str:
    completed = [test for test in ended if test.status == Status.COMPLETED]
    return f"{len(completed)} of {len(ended)}, {sum(len(runs(test)) for test in completed)} runs"


def _said(ended: list[Test]) -> str:
    messages = [test.message for test in ended if test.message]
    return re.sub(r"://127\.0\.0\.1:\d+", "://HOST", messages[0]) if messages else ""


class Peak:
    """The most memory that a worker's process had, in kB, looked at now and again; the kernel remembers in between."""

    def __init__(self, place: Site) -> None:
        self._place = place
        self._over = threading.Event()
        self.idle = self.highest = 0

    @contextmanager
    def watched(self) -> Iterator[None]:
        self.idle = max(_peak(process.pid) for process in self._place.workers.started)
        watching = threading.Thread(target=self._watch)
        watching.start()
        try:
            yield
        finally:
            self._over.set()
            watching.join()

    def _watch(self) -> None:
        while not self._over.wait(POLL_S):
            horses = [child.pid for process in self._place.workers.started for child in children(process)]
            self.highest = max([self.highest, *map(_peak, horses)])


def _peak(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:  # gone, or not Linux
        return 0
    return int((re.findall(r"VmHWM:\s+(\d+)", status) or ["0"])[0])


@contextmanager
def _untrusted_double(place: Site) -> Iterator[None]:
    """One more host, under TLS with a certificate that signs itself."""
    with tempfile.TemporaryDirectory() as folder:
        certificate = Path(folder) / "certificate.pem"
        certificate.write_text(CERTIFICATE)
        with OllamaDouble(*next(iter(place.hosts.values())).models, certificate=certificate) as double:
            place.hosts[TLS] = double
            yield


def inject_faults(console: Console) -> dict[str, dict[str, str]]:
    """What became of the two tests of each session, by fault."""
    began = time.monotonic()
    with site(HOSTS, MODELS) as place, _untrusted_double(place):
        place.workers.environment |= LIMITS
        place.start_workers(WORKERS)
        peak = Peak(place)
        with peak.watched():
            found = FaultInjection(place, console).strike_all()
        overlaps = place.overlaps()
    console.print(
        f"  {time.monotonic() - began:.0f} s; the most memory of a worker's process: {peak.highest / MIB:.0f} MiB, "
        f"idle {peak.idle / MIB:.0f} MiB; requests of two sessions on a host at once: {overlaps}"
    )
    return found
