"""Generations with the server's report. Both are consistent unless a test changes them."""

from typing import Any

from worker.ollama.responses import Generation, ServerReport

MS = 1_000_000


def report(**changed: Any) -> ServerReport:
    """Return a report of 32 tokens at 10 ms each, after a prompt of 100 tokens in 50 ms."""
    consistent = {
        "total_ns": 400 * MS,
        "load_ns": 20 * MS,
        "prompt_tokens": 100,
        "cached_tokens": None,
        "prompt_ns": 50 * MS,
        "output_tokens": 32,
        "output_ns": 310 * MS,
    }
    return ServerReport(**{**consistent, **changed})


def generation(done_reason: str = "length", content_ms: tuple[float, ...] | None = None, **changed: Any) -> Generation:
    """Return a generation of that report, with a token every 10 ms from 80 ms on."""
    times = content_ms if content_ms is not None else tuple(80 + 10 * number for number in range(32))
    stamps = tuple(int(time * MS) for time in times)
    return Generation(stamps, 410 * MS, done_reason, report(**changed))


def known(value: int | None) -> int:
    """Return a value that a server must have reported."""
    assert value is not None
    return value
