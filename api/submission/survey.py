"""Several questions asked at once, so that one that is answered late does not hold up the others."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from functools import partial
from typing import TypeVar

from common.errors import OllamaError, OllamaUnreachable
from common.ollama.client import Ollama
from common.ollama.replies import no_response

K = TypeVar("K")
T = TypeVar("T")


def survey(question: Callable[[Ollama], T], hosts: dict[str, str], seconds: float) -> dict[str, T | OllamaError]:
    """Each host's answer or why there is none, in the order of `hosts` (name to URL), within `seconds`."""
    asked = {name: partial(_answer, question, Ollama(url, seconds)) for name, url in hosts.items()}
    answers = at_once(asked, seconds, len(hosts))
    return {name: answers[name] if name in answers else _late(url) for name, url in hosts.items()}


def at_once(questions: Mapping[K, Callable[[], T]], seconds: float, most: int) -> dict[K, T]:
    """The answers that are there within `seconds`, `most` questions at a time. Who is late, trickling or waiting for a
    name server, ends by its own time-outs; what has not been asked by then is not asked.
    """
    asking = ThreadPoolExecutor(max_workers=most)
    asked = {key: asking.submit(question) for key, question in questions.items()}
    answered, _ = wait(asked.values(), timeout=seconds)
    asking.shutdown(wait=False, cancel_futures=True)
    return {key: answer.result() for key, answer in asked.items() if answer in answered}


def _answer(question: Callable[[Ollama], T], ollama: Ollama) -> T | OllamaError:
    try:
        return question(ollama)
    except OllamaError as error:
        return error


def _late(url: str) -> OllamaUnreachable:
    return no_response(url)
