"""A computed Ollama. It answers at once, with the times at which its tokens would have arrived, on its own clock.

The worker's own code measures it, so sessions of hours, complete with all their data, are made in seconds.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import takewhile
from random import Random

from common.errors import TestFailure
from common.ollama.client import Ollama
from common.ollama.models import InstalledModel, LoadedModel, ModelFacts
from common.values.units import NS_PER_MS, NS_PER_S
from worker.ollama.client import Driver, Request
from worker.ollama.responses import Embeddings, Generation, ServerReport
from worker.verdicts.expected import Expected
from worker.workload.run_context import RunContext
from worker.workload.traffic.closed_loop import ClosedLoop, Users
from worker.workload.traffic.open_loop import Arrival
from worker.workload.traffic.window import done_ns

SIZE = 4_000_000_000
LAYERS = 32
CONTEXT = 131_072
SLOTS = 4
LOAD_NS = 1800 * NS_PER_MS
PREFILL_RATE = 2500.0
EMBEDDED_NS = 6 * NS_PER_MS
PAUSE_NS = 40 * NS_PER_MS
ENDS_EARLY = 0.01
THOUGHT = (60, 180)
NOISE = 0.012
CPU_PACE = 0.15
"""Share of the rate that remains with no layer on the GPU."""


@dataclass(frozen=True)
class ModelledModel:
    """A model that writes `rate` tokens per second if the GPU holds all of it. `size` is in bytes."""

    rate: float
    size: int = SIZE
    tags: tuple[str, ...] = ("Q4_K_M",)


@dataclass(frozen=True)
class ModelledServer:
    """What a modelled server is. `vram` is the memory of its GPU in bytes, None if everything fits."""

    models: Mapping[str, ModelledModel]
    release: str = "0.9.3"
    vram: int | None = None
    prefill_rate: float = PREFILL_RATE
    """Prompt tokens per second."""

    def share(self, model: str) -> float:
        """Return the share of a model that fits into the GPU's memory."""
        return 1.0 if self.vram is None else min(1.0, self.vram / self.models[model].size)


class ModelledOllama(Ollama):
    """An Ollama on a modelled server. Each answer advances its clock `now_ns`."""

    def __init__(self, modelled: ModelledServer, now_ns: int, seed: int) -> None:
        super().__init__("http://modelled.invalid")
        self.modelled = modelled
        self.now_ns = now_ns
        self.chance = Random(seed)  # noqa: S311 - noise, not a secret
        self.placed: dict[str, float] = {}
        self.known = ""

    def version(self) -> str:
        return self.modelled.release

    def models(self) -> list[InstalledModel]:
        return [
            InstalledModel(name, _digest(name), model.size, "2026-03-01T12:00:00Z", {})
            for name, model in self.modelled.models.items()
        ]

    def loaded(self) -> list[LoadedModel]:
        return [
            LoadedModel(name, _digest(name), size, round(size * share), None)
            for name, share in self.placed.items()
            for size in [self.modelled.models[name].size]
        ]

    def facts(self, name: str) -> ModelFacts:  # noqa: ARG002 - the same for all
        return ModelFacts(("completion", "thinking", "embedding"), CONTEXT, LAYERS)

    def answer(self, request: Request, at: int, waited: int = 0, slower: float = 1.0) -> Generation:
        """Answer a request that is sent `at` a time, and waits for a slot, both in nanoseconds."""
        load = waited + self._load(request)
        prompt = len(request.prompt.split())
        cached = self._cached(request.prompt, prompt)
        reading = int(max(1, prompt - cached) * NS_PER_S / self.modelled.prefill_rate * self._noise() + 8 * NS_PER_MS)
        tokens, reason = self._length(request)
        step = slower * self._noise() * NS_PER_S / self._rate(request.model)
        begin = load + reading
        stamps = [begin]
        for _ in range(tokens - 1):
            stamps.append(stamps[-1] + int(step * self._noise()))
        report = ServerReport(
            total_ns=stamps[-1] + NS_PER_MS,
            load_ns=load - waited,
            prompt_tokens=prompt,
            cached_tokens=cached,
            prompt_ns=reading,
            output_tokens=tokens,
            output_ns=stamps[-1] - begin,
        )
        thought = self.chance.randint(*THOUGHT) if request.think else 0
        text = " ".join(Random(request.prompt).choices(("river", "stone", "wind"), k=tokens))  # noqa: S311 - words
        done = stamps[-1] + 2 * NS_PER_MS
        return Generation(tuple(stamps), done, reason, report, "kernel", 0, min(thought, tokens - 1), text, at)

    def embed(self, model: str, inputs: Sequence[str]) -> Embeddings:
        load = self._load(Request(model, "", 1, CONTEXT))
        tokens = sum(len(text.split()) for text in inputs)
        done = int(load + (EMBEDDED_NS + tokens * NS_PER_S / self.modelled.prefill_rate / SLOTS) * self._noise())
        report = ServerReport(done - NS_PER_MS, load, tokens, None, 0, 0, 0)
        return Embeddings(len(inputs), Generation((done,), done, "", report, "kernel", sent_ns=self.now_ns))

    def _load(self, request: Request) -> int:
        """Return the load time. One model fits into memory, and is loaded again if its share on the GPU changes."""
        wanted = 1.0 if request.gpu_layers is None else request.gpu_layers / (LAYERS + 1)
        share = min(wanted, self.modelled.share(request.model))
        warm = self.placed.get(request.model) == share
        self.placed = {request.model: share}
        return int((0.02 if warm else 1) * LOAD_NS * self._noise())

    def _cached(self, prompt: str, tokens: int) -> int:
        """Return the tokens that are cached from the previous prompt."""
        shared = _shared(self.known, prompt)
        self.known = prompt
        return int(tokens * shared / len(prompt)) if prompt and 2 * shared > len(prompt) else 0

    def _length(self, request: Request) -> tuple[int, str]:
        if request.think:
            return self.chance.randint(2 * THOUGHT[0], 2 * THOUGHT[1]), "stop"
        if request.output_tokens > SLOTS and self.chance.random() < ENDS_EARLY:
            return max(2, request.output_tokens // 2), "stop"
        return request.output_tokens, "length"

    def _rate(self, model: str) -> float:
        """Return the tokens per second that the model writes with its share on the GPU."""
        return self.modelled.models[model].rate * (CPU_PACE + (1 - CPU_PACE) * self.placed[model] ** 2)

    def _noise(self) -> float:
        return max(0.5, self.chance.gauss(1, NOISE))


def _shared(one: str, other: str) -> int:
    """Count the equal characters at the beginning."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _digest(name: str) -> str:
    return Random(name).randbytes(32).hex()  # noqa: S311 - a name, not a secret


class ModelledDriver(Driver):
    """Drives a modelled server. If `failure` is given, every request fails with it."""

    def __init__(self, server: ModelledOllama, failure: str | None = None) -> None:
        super().__init__(server)
        self.modelled = server
        self.failure = failure

    def generate(self, request: Request) -> Generation:
        if self.failure:
            raise TestFailure(self.failure)
        answer = self.modelled.answer(request, self.modelled.now_ns)
        self.modelled.now_ns += answer.done_ns + PAUSE_NS
        return answer

    def embed(self, model: str, inputs: Sequence[str], context_length: int) -> Embeddings:  # noqa: ARG002 - Driver's
        if self.failure:
            raise TestFailure(self.failure)
        found = self.modelled.embed(model, inputs)
        self.modelled.now_ns += found.answer.done_ns + PAUSE_NS
        return found

    def unload(self, model: str, *_: object, **__: object) -> None:
        self.modelled.placed.pop(model, None)


@dataclass
class Slots:
    """Requests of many users in their order of arrival, each waiting for a slot."""

    server: ModelledOllama
    request: Callable[..., Request]
    free: list[int] = field(default_factory=lambda: [0] * SLOTS)

    def ask(self, prompt: str, at: int, users: int, expected: Expected | None = None) -> Generation:
        slot = min(range(SLOTS), key=self.free.__getitem__)
        waited = max(0, self.free[slot] - at)
        request = self.request(prompt, expected and expected.output_tokens)
        answer = self.server.answer(request, at, waited, slower=min(users, SLOTS) ** 0.6)
        self.free[slot] = at + answer.done_ns
        return answer

    def rest(self) -> None:
        self.server.now_ns = max(self.server.now_ns, *self.free) + PAUSE_NS


def closed_loop(context: RunContext, users: Users) -> ClosedLoop:
    """Compute what worker.workload.traffic would measure, without waiting."""
    server, loop = _server(context), ClosedLoop(users)
    slots = Slots(server, context.request)
    ready = [(server.now_ns, user, 0) for user in range(users.number)]
    while not loop.has_ended():
        at, user, number = heappop(ready)
        expected = users.expect(user, number)
        answer = slots.ask(users.prompt(user, number), at + users.think_ns(user, number), users.number, expected)
        loop.add(user, number, answer)
        heappush(ready, (done_ns(answer), user, number + 1))
    slots.rest()
    return loop


def open_loop(context: RunContext, starts_ns: Sequence[int], prompts: Sequence[str]) -> list[Arrival]:
    """Compute what worker.workload.traffic would measure, without waiting."""
    server = _server(context)
    slots, begin = Slots(server, context.request), server.now_ns
    pairs = zip(starts_ns, prompts, strict=True)
    found = [Arrival(begin + start, slots.ask(prompt, begin + start, SLOTS)) for start, prompt in pairs]
    slots.rest()
    return found


def _server(context: RunContext) -> ModelledOllama:
    if not isinstance(context.driver, ModelledDriver):
        raise TypeError("a modelled load needs a modelled server")
    return context.driver.modelled
