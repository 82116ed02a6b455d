"""One generated answer, with its tokens at fixed times and its last line."""

import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from common.values.free_json import Json
from testbed.ollama_double.framing import LINES, Framing
from testbed.ollama_double.scripts import Script
from testbed.ollama_double.simulation import Simulation
from testbed.waiting import until

MS = 1_000_000


@dataclass
class Stream:
    """One generated answer. The times of tokens are fixed beforehand, so that a late one does not delay the next.

    As a real server it catches up by some tokens a little sooner, and never sends many at once.
    """

    handler: Framing
    double: Simulation
    script: Script
    model: str
    body: Json
    started_ns: int

    def run(self) -> None:
        options = self.body.get("options", {})
        self.double.load(self.model, options)
        loaded = time.monotonic_ns()
        if self.script.at is None and not self.handler.misbehave(self.script):
            return
        with self.double.work(self.model):
            self._answer(options, loaded)

    def _answer(self, options: Json, loaded: int) -> None:
        slot, timing = time.monotonic_ns(), self.double.timing_of(self.model)
        first = timing.first
        if timing.read:
            first += timing.read * self.double.uncached_tokens(self.body["prompt"])
        self.handler.begin(self.script.content_type or LINES)
        least = int(timing.each / 2 * MS)
        sampled: list[int] = []
        tokens = max(1, options.get("num_predict", 16) - self.double.overcount)
        for number in range(tokens):
            if number == self.script.at and not self.handler.misbehave(self.script):
                return
            planned = slot + int((first + number * timing.each) * MS)
            self._wait_until(max([planned, *(at + least for at in sampled[-1:])]))
            if sampled:
                until(self.double.is_read, "the client to read the token before")
            sampled.append(time.monotonic_ns())
            if (number + 1) % self.double.tokens_per_chunk == 0 or number + 1 == tokens:
                self._line({**self._word(number), "done": False})
        if len(sampled) == self.script.at and not self.handler.misbehave(self.script):
            return
        self._line(self._last_line(loaded, slot, sampled))
        self.handler.end()

    def _word(self, number: int) -> Json:
        if self.body.get("think") and number < self.double.thoughts:
            return {"response": "", "thinking": f" t{number}"}
        return {"response": self.script.words.format(number)}

    def _wait_until(self, moment_ns: int) -> None:
        time.sleep(max(0, moment_ns - time.monotonic_ns()) / 1e9)

    def _last_line(self, loaded_ns: int, slot_ns: int, sampled_ns: list[int]) -> Json:
        line = {
            "response": "",
            "done": True,
            "done_reason": "length",
            "load_duration": loaded_ns - self.started_ns,
            "prompt_eval_count": self.double.tokens(self.body["prompt"]),
            "prompt_eval_duration": sampled_ns[0] - slot_ns,
            "eval_count": len(sampled_ns) + self.double.overcount,
            "eval_duration": max(1, sampled_ns[-1] - sampled_ns[0]),
            "total_duration": time.monotonic_ns() - self.started_ns,
        }
        line |= self.double.last | self.double.last_of(self.body) | self.script.last
        return {name: value for name, value in line.items() if value is not None}

    def _line(self, line: Json) -> None:
        text = json.dumps({"model": self.body["model"], "created_at": now(), **line})
        self.handler.chunk(text.encode() + b"\n")


def now() -> str:
    """Return the time as Ollama writes it."""
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")
