"""Several requests at once, so that a slow answer does not delay the others."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from functools import partial
from typing import TypeVar

from common.environment.servers.addresses import OllamaHost
from common.errors import OllamaError
from common.ollama.client import Ollama
from common.ollama.replies import no_response

K = TypeVar("K")
T = TypeVar("T")


def survey(question: Callable[[Ollama], T], hosts: dict[str, OllamaHost], seconds: float) -> dict[str, T | OllamaError]:
    """Ask each host, and return its answer or its error within `seconds`."""
    clients = {name: Ollama.at(host, seconds) for name, host in hosts.items()}
    calls = {name: partial(_answer, question, client) for name, client in clients.items()}
    answers = at_once(calls, seconds, len(hosts))
    return {name: answers[name] if name in answers else no_response(host.url) for name, host in hosts.items()}


def at_once(calls: Mapping[K, Callable[[], T]], seconds: float, max_threads: int) -> dict[K, T]:
    """Make calls in threads, and return the results that are known within `seconds`.

    Calls that are still running then end by their own time-outs. Calls that have not begun are cancelled.
    """
    pool = ThreadPoolExecutor(max_workers=max_threads)
    futures = {key: pool.submit(call) for key, call in calls.items()}
    done, _ = wait(futures.values(), timeout=seconds)
    pool.shutdown(wait=False, cancel_futures=True)
    return {key: future.result() for key, future in futures.items() if future in done}


def _answer(question: Callable[[Ollama], T], ollama: Ollama) -> T | OllamaError:
    try:
        return question(ollama)
    except OllamaError as error:
        return error
