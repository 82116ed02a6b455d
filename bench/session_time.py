"""`python -m bench.session_time`: the time of a session beyond its requests to Ollama and its intended waits."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest import mock

from bench.support.in_process_session import InProcessSessions, in_process_sessions
from common.ollama.client import Ollama
from common.store.tables import Session
from worker import test_types  # noqa: F401 - registers the test types
from worker.machine import idle_baseline
from worker.ollama.client import Driver
from worker.workload import retry

EIGHT = {"maxRepetitions": 8}
TYPES: dict[str, Any] = {
    "cold-start": {},
    "ttft": EIGHT | {"promptTokens": 128},
    "prefill": EIGHT | {"promptTokens": 512},
    "decode": EIGHT,
}
REQUESTS = ((Driver, "generate"), (Driver, "unload"), (Ollama, "_ask"))
WAITS = ((idle_baseline, "sleep"), (retry, "sleep"))


class Stopwatch:
    """Adds up the time in calls of some functions. A call within a call counts once."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.depth = 0

    @contextmanager
    def running(self) -> Iterator[None]:
        self.depth += 1
        started = time.monotonic()
        try:
            yield
        finally:
            self.depth -= 1
            self.seconds += time.monotonic() - started if not self.depth else 0.0

    def around(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*args: Any, **options: Any) -> Any:  # noqa: ANN401 - passed on
            with self.running():
                return function(*args, **options)

        return timed


def main() -> None:
    with in_process_sessions() as sessions:
        print(measure(sessions, sessions.create(TYPES)))


def measure(sessions: InProcessSessions, session: Session) -> str:
    requests, waits = Stopwatch(), Stopwatch()
    with ExitStack() as patched:
        for stopwatch, places in ((requests, REQUESTS), (waits, WAITS)):
            for owner, name in places:
                patched.enter_context(mock.patch.object(owner, name, stopwatch.around(getattr(owner, name))))
        started = time.monotonic()
        sessions.run(session)
        wall = time.monotonic() - started
    beyond = wall - requests.seconds - waits.seconds
    return (
        f"Session of {', '.join(TYPES)}: {wall:.1f} s, of which {requests.seconds:.1f} s are requests and "
        f"{waits.seconds:.1f} s intended waits. The rest is {beyond:.2f} s, {100 * beyond / wall:.1f} %."
    )


if __name__ == "__main__":
    main()
