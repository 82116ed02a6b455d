"""A closed loop: each of several users sends the next request some time after the answer to the one before."""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import count

from common.catalogue.verdicts.on_runs import REQUEST_FAILED
from common.errors import OllamaError
from common.values.units import NS_PER_MS, NS_PER_S
from worker.ollama.responses import Generation
from worker.verdicts import Verdict
from worker.verdicts.expected import Expected
from worker.workload.claim_monitor import ClaimMonitor
from worker.workload.retry import pause
from worker.workload.run import MeasuredTime, RequestResult, RunResult
from worker.workload.run_context import RunContext
from worker.workload.traffic import left_out_requests
from worker.workload.traffic.clients import open_clients
from worker.workload.traffic.rounds import Rounds
from worker.workload.traffic.window import Window, done_ns, whole


@dataclass(frozen=True)
class Users:
    """A closed loop of `number` users. `new_prompt` returns the prompt for a seed, `expected` is what answers contain.

    The first answer of each user has a random length, so that the users are spread over the time of an answer from then
    on. With `lengths`, all later ones are randomly from the first to the second of these numbers of tokens: if all were
    as long, the users would keep their order, and the same ones would always wait. Before each further request, a user
    thinks for a time with the mean `think_ms`, which is drawn from an exponential distribution. `duration_s` and
    `requests` are those of Rounds. If both are 0, there is one round.
    """

    number: int
    new_prompt: Callable[[str], str]
    expected: Expected
    seed: str
    duration_s: float = 0.0
    requests: int = 0
    think_ms: int = 0
    lengths: tuple[int, int] | None = None

    def rounds(self) -> Rounds:
        return Rounds(self.number, round(self.duration_s * NS_PER_S), self.requests)

    def prompt(self, user: int, request: int) -> str:
        return self.new_prompt(f"{self.seed} {user} {request}")

    def expect(self, user: int, request: int) -> Expected:
        """Return what the answer to a request should contain."""
        longest = self.expected.output_tokens or 1
        low, high = (self.lengths or (longest, longest)) if request > 0 else (1, longest)
        return replace(self.expected, output_tokens=self._chance(user, request).randint(low, high))

    def think_ns(self, user: int, request: int) -> int:
        """Return the time before a request."""
        if not self.think_ms or request == 0:
            return 0
        return round(self._chance(user, request).expovariate(1 / self.think_ms) * NS_PER_MS)

    def _chance(self, user: int, request: int) -> random.Random:
        return random.Random(f"{self.seed} {user} {request}")  # noqa: S311 - a load, not a secret


@dataclass
class ClosedLoop:
    """The answers of a closed loop, in the order in which they ended, and its window.

    `answers` also has those that do not count. `valid` are those that count, and `left_out` the verdicts on the others.
    Users stop when the window has ended, or when too many are left out.
    """

    users: Users
    answers: list[Generation] = field(default_factory=list)
    valid: list[Generation] = field(default_factory=list)
    left_out: list[Verdict] = field(default_factory=list)
    window: Window | None = None
    rounds: Rounds = field(init=False)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.rounds = self.users.rounds()

    def add(self, user: int, request: int, answer: Generation) -> None:
        """Note the answer to a request of a user."""
        verdict = left_out_requests.rejection(answer, self.users.expect(user, request))
        with self.lock:
            self.answers.append(answer)
            if verdict:
                self.left_out.append(verdict)
                return
            self.valid.append(answer)
            self.rounds.add(user, done_ns(answer))
            self.window = self.window or self.rounds.window()

    def fail(self, error: OllamaError) -> None:
        """Note a request that failed.

        Raises:
            OllamaError: this one, if the next request would fail in the same way, or if too many failed.
        """
        with self.lock:
            self.left_out.append(left_out_requests.failure(error))
            if self._has_too_many():
                raise error

    def has_ended(self) -> bool:
        with self.lock:
            return self.window is not None or self._has_too_many()

    def _has_too_many(self) -> bool:
        return left_out_requests.too_many(len(self.left_out), len(self.valid) + len(self.left_out))

    def counted(self) -> list[Generation]:
        """Return the valid answers that ended in the window."""
        return self.window.completed(self.valid) if self.window else []

    def result(self) -> RunResult:
        """Return the run: the answers that count, and the throughput in the window."""
        verdicts = left_out_requests.verdicts(self.left_out, len(self.valid) + len(self.left_out))
        if self.window is None:
            return RunResult((), verdicts=verdicts)
        counted = tuple(RequestResult(answer, self.users.expected) for answer in self.counted())
        measured = MeasuredTime(self.window.start_ns, self.window.end_ns, self.window.tokens(self.answers))
        own = {**self.window.throughput(self.answers, len(counted)), "failedRequests": float(self._failed())}
        return RunResult(counted, own, verdicts, measured)

    def _failed(self) -> int:
        """Return the number of requests that were never answered, whose users waited longer than all others."""
        return sum(verdict.name == REQUEST_FAILED.name for verdict in self.left_out)

    def first_round(self) -> RunResult:
        """Return the result of a loop that ended when each user had been answered, for a warm-up."""
        if not self.answers:
            return RunResult(())
        counted = tuple(RequestResult(answer, self.users.expected) for answer in self.answers)
        return RunResult(counted, whole(self.answers).throughput(self.answers, len(counted)))


def closed_loop(context: RunContext, users: Users) -> ClosedLoop:
    """Let the users send requests until the window has ended, and return the loop when all are answered.

    Raises:
        OllamaError: from the first request that failed in a way that a retry does not help, or if too many failed.
    """
    stopped = threading.Event()
    claim_monitor = ClaimMonitor(context.ensure_active)
    loop = ClosedLoop(users)

    def use(client: RunContext, user: int) -> None:
        requests = count()
        try:
            while not (stopped.is_set() or loop.has_ended()):
                request = next(requests)
                claim_monitor.sleep_until(time.time_ns() + users.think_ns(user, request))
                _ask(loop, client, user, request)
        except BaseException:
            stopped.set()
            raise

    with open_clients(context, claim_monitor, users.number) as clients:
        claim_monitor.results([clients.submit(use, user) for user in range(users.number)])
    return loop


def _ask(loop: ClosedLoop, client: RunContext, user: int, request: int) -> None:
    tokens = loop.users.expect(user, request).output_tokens
    try:
        loop.add(user, request, client.generate(loop.users.prompt(user, request), tokens))
    except OllamaError as error:
        loop.fail(error)
        pause(0)
