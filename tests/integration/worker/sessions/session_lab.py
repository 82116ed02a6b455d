"""Whole sessions on the double."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from redis import Redis

from common.messaging import streams
from common.messaging.redis import progress_of
from common.store.tables import Session
from testbed.ollama_double import OllamaDouble
from testbed.stored.sessions import OPTIONS, claim, create, model
from worker.sessions.runner import SessionRunner

TYPES = ("cold-start", "ttft", "prefill", "decode")
INVENTORY = {"cpu": {"model": "Ryzen 9"}, "gpu": [], "ram": {"total": 1}, "os": {"kernel": "6"}}


class Killed(BaseException):
    """The end of a process, which no handler of errors sees."""


@dataclass
class Lab:
    redis: Redis
    double: OllamaDouble
    checkpoint: Callable[[], None] = lambda: None

    def run(self, session: Session, *, by: str = "me", resumed: bool = False) -> Session:
        taken = claim(session, by)
        SessionRunner(self.redis, taken, session, self.double.url, resumed, self.checkpoint).run()
        return Session.get_by_id(session.id)

    def run_until_killed(self, session: Session, calls: int = 9, by: str = "one") -> None:
        """Run a session until the worker dies, at this call of its checkpoint."""
        left = [calls]

        def die() -> None:
            left[0] -= 1
            if not left[0]:
                raise Killed

        self.checkpoint = die
        with pytest.raises(Killed):
            self.run(session, by=by)
        self.checkpoint = lambda: None

    def messages(self, session: Session) -> list[dict[str, Any]]:
        return [message for _, message in streams.read(self.redis, progress_of(session.id))]


def of_types(*types: str, models: tuple[str, ...] = ("tiny:latest",)) -> Session:
    return create(models=[model(name) for name in models], test_types=dict.fromkeys(types, OPTIONS))


def endings(messages: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    return [(m["type"], m["modelName"], m["testType"]) for m in messages if m["type"] != "progress"]
