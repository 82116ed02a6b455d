"""Threads that send the requests of a load, over connections that were opened before it began."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from queue import LifoQueue
from typing import Concatenate, ParamSpec, TypeVar

from worker.workload.claim_monitor import ClaimMonitor
from worker.workload.run_context import RunContext

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


class Clients:
    """Threads that take one of as many clients for each task. Each client keeps its connection."""

    def __init__(self, context: RunContext, claim_monitor: ClaimMonitor, threads: ThreadPoolExecutor) -> None:
        self.context = context
        self.claim_monitor = claim_monitor
        self.threads = threads
        self.free: LifoQueue[RunContext] = LifoQueue()

    def open(self) -> None:
        """Open one more connection."""
        client = self.context.for_thread(self.claim_monitor.ensure_active)
        client.driver.connect()
        self.free.put(client)

    def submit(
        self,
        task: Callable[Concatenate[RunContext, Arguments], Result],
        *args: Arguments.args,
        **options: Arguments.kwargs,
    ) -> Future[Result]:
        """Give a task to a thread, with a client."""

        def run() -> Result:
            client = self.free.get()
            try:
                return task(client, *args, **options)
            finally:
                self.free.put(client)

        return self.threads.submit(run)

    def close(self) -> None:
        while not self.free.empty():
            self.free.get().driver.http.close()


@contextmanager
def open_clients(context: RunContext, claim_monitor: ClaimMonitor, number: int) -> Iterator[Clients]:
    """Give this number of clients, when all their connections are open.

    Raises:
        OllamaError: if the server accepts no connection.
    """
    with ThreadPoolExecutor(number) as threads:
        clients = Clients(context, claim_monitor, threads)
        try:
            claim_monitor.results([threads.submit(clients.open) for _ in range(number)])
            yield clients
        finally:
            threads.shutdown()
            clients.close()
