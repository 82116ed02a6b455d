"""The same thing asked of several Ollamas at once, so that one that is away does not hold up the others."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar

from common.errors import OllamaError, OllamaUnreachable
from common.ollama import Ollama

T = TypeVar("T")


def survey(question: Callable[[Ollama], T], hosts: dict[str, str], seconds: float) -> dict[str, T | OllamaError]:
    """Each host's answer or why there is none, in the order of `hosts` (name to URL), within `seconds`."""
    asking = ThreadPoolExecutor(max_workers=len(hosts))
    asked = {name: asking.submit(_answer, question, Ollama(url, seconds)) for name, url in hosts.items()}
    wait(asked.values(), timeout=seconds)
    asking.shutdown(wait=False)  # who is late, trickling or waiting for a name server, ends by its own time-outs
    return {name: answer.result() if answer.done() else _late(hosts[name]) for name, answer in asked.items()}


def _answer(question: Callable[[Ollama], T], ollama: Ollama) -> T | OllamaError:
    try:
        return question(ollama)
    except OllamaError as error:
        return error


def _late(url: str) -> OllamaUnreachable:
    return OllamaUnreachable(f"Ollama at {url} does not answer in time; is it running there?")
