"""Functions run at the same moment."""

import threading
from collections.abc import Callable

from common.store.database import database


def at_once(*functions: Callable[[], object]) -> list[object]:
    """Run functions together, each in its own thread and connection. Return what each returns or raises."""
    ready = threading.Barrier(len(functions))
    found: list[object] = [None] * len(functions)

    def do(number: int) -> None:
        with database.connection_context():
            ready.wait()
            try:
                found[number] = functions[number]()
            except Exception as error:  # noqa: BLE001 - returned to the test
                found[number] = error

    threads = [threading.Thread(target=do, args=(number,)) for number in range(len(functions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found
