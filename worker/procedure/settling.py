"""Waiting for a server that may still work on requests that were cut off."""

from collections.abc import Callable
from http import HTTPStatus

from common.errors import OllamaBusy, OllamaHTTPError
from worker.ollama.client import Driver
from worker.procedure.progress import TestProgress
from worker.verdicts import answer

MAX_WAIT_S = 600.0
"""A batch of a long prompt takes minutes on a slow CPU, and it is finished although nobody waits for its answer."""


def settle(driver: Driver, progress: TestProgress, ensure_active: Callable[[], None]) -> bool:
    """Wait until the server has ended the requests that were cut off. Return False if there were none.

    All models that were requested are unloaded, which the server does when the last request to them has ended. Other
    signs fail: a parallel slot hides what the others do, and waiting for a batch counts as reading the prompt. The
    next request loads the model again, with an empty cache. A model that stays is flagged.
    """
    use = driver.use
    if not use.interrupted:
        return False
    for model in sorted(filter(driver.is_loaded, use.models)):
        progress.log(f"waiting until Ollama has ended the requests to {model} that were cut off")
        _wait(driver, model, progress, ensure_active)
    use.interrupted = False
    return True


def _wait(driver: Driver, model: str, progress: TestProgress, ensure_active: Callable[[], None]) -> None:
    try:
        unload(driver, model, progress.log, MAX_WAIT_S, ensure_active)
    except OllamaBusy:
        progress.flag(answer.never_idle(model, MAX_WAIT_S))


def unload(
    driver: Driver,
    model: str,
    log: Callable[[str], object],
    timeout_s: float | None = None,
    ensure_active: Callable[[], None] = lambda: None,
) -> bool:
    """Unload a model, and return whether that was possible: it is not if the model was deleted while in memory.

    Raises:
        OllamaBusy: if it is still listed after the time of `Driver.unload`.
    """
    try:
        driver.unload(model, timeout_s, ensure_active)
    except OllamaHTTPError as refused:
        if refused.status != HTTPStatus.NOT_FOUND:
            raise
        log(f"{model} stays in memory until it expires: {refused}")
        return False
    return True
