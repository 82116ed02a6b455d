"""Several things done at the same moment."""

import threading
from collections.abc import Callable

from common.store.database import database


def at_once(*works: Callable[[], object]) -> list[object]:
    """What the works return or raise, each run in a thread and on a connection of its own, started together."""
    ready = threading.Barrier(len(works))
    found: list[object] = [None] * len(works)

    def do(number: int) -> None:
        with database.connection_context():
            ready.wait()
            try:
                found[number] = works[number]()
            except Exception as error:  # noqa: BLE001 - for the test to look at
                found[number] = error

    threads = [threading.Thread(target=do, args=(number,)) for number in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found
