"""Simulated models on disk and in memory, slots, and the recorded requests."""

import contextlib
import hashlib
import re
import threading
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator

from common.values.free_json import Json
from common.values.units import model_name
from testbed.ollama_double.recorded_request import RecordedRequest
from testbed.ollama_double.scripts import Script, Timing

POLL_S = 0.002


def words_and_digits(prompt: str) -> int:
    """Count tokens: a start token, then one for each word, digit and sign."""
    return 1 + len(re.findall(r"\d|[^\W\d]+|[^\w\s]", prompt))


class Simulation:
    """Models, memory, slots and scripts. Requests to generate or embed are in `requests`, oldest first."""

    def __init__(
        self,
        *models: str,
        timing: Timing | None = None,
        tokens: Callable[[str], int] = words_and_digits,
        context_length: int = 8192,
        slots: int = 1000,
    ) -> None:
        self.models, self.timing = models or ("tiny:latest",), timing or Timing()
        self.timing_of: Callable[[str], Timing] = lambda _: self.timing  # of the next answer of a model
        self.tokens = tokens
        self.context_length = context_length
        self.slots = threading.BoundedSemaphore(slots)
        self.version: object = "0.9.3"
        self.paths: dict[str, str] = {}  # the file of a model; models made from one another have the same
        self.sizes: dict[str, int] = {}  # in bytes
        self.details: dict[str, Json] = {}  # what differs from those of a tiny llama
        self.digests: dict[str, str] = {}  # of models that are copies, or were created again
        self.loaded_digests: dict[str, str] = {}  # of the models in memory, when they were loaded
        self.capabilities = ["completion"]
        self.overcount = 0  # tokens that are counted and not generated
        self.tokens_per_chunk = 1
        self.thoughts = 0  # number of first tokens that are thinking, if a request asks for it
        self.layers: int | None = None
        self.attention: Json = {}  # facts about it in /api/show, such as head_count
        self.gpu = False  # True if the machine has one
        self.auto_layers: int | None = None  # layers on the GPU if a request does not say; None is all
        self.size_vram_share = 0.0  # for a model whose layers are not placed
        self.max_loaded: int | None = None  # number of models that fit into memory
        self.listed: Callable[[list[Json]], object] = lambda entries: entries  # what /api/tags lists
        self.listed_loaded: Callable[[list[Json]], object] = lambda entries: entries  # what /api/ps lists
        self.last: Json = {}  # as a script's, for every answer
        self.last_of: Callable[[Json], Json] = lambda _: {}  # the same, by the body of the request
        self.loaded: dict[str, int] = {}
        self.on_gpu: dict[str, int] = {}  # layers that a request has placed
        self.scripts: deque[Script] = deque()
        self.other_scripts: defaultdict[str, deque[Script]] = defaultdict(deque)  # scripts for other paths
        self.is_read: Callable[[], bool] = lambda: True  # the next token waits until the one before is read
        self.requests: list[RecordedRequest] = []
        self.unloads: list[int] = []  # number of requests before each unload
        self.max_concurrent = self.connections = 0
        self.rest = 0.0  # ms that a request whose client has left goes on: the batch of a prompt, or behind a proxy
        self.working: Counter[str] = Counter()  # running requests by runner
        self.lock = threading.Lock()
        self.released = threading.Event()
        self._running = 0
        self._unloading: list[threading.Timer] = []

    def order(self, *scripts: Script, to: str | None = None) -> None:
        """Answer the next requests by these scripts, one each: those to generate or embed, or those to another path."""
        (self.scripts if to is None else self.other_scripts[to]).extend(scripts)

    def release(self) -> None:
        """Let everything that hangs go on to its end."""
        self.released.set()

    def copy(self, source: str, destination: str) -> None:
        """Give a model another name."""
        self.create(source, destination)
        self.digests[destination] = self.digest(source)

    def create(self, source: str, name: str) -> None:
        """Create a model from another one: its digest is new, its weights are the same."""
        if name in self.models:
            self.digests[name] = _sha256(self.digest(name))
        self.models = tuple(dict.fromkeys((*self.models, name)))
        self.paths[name] = self.path(source)

    def delete(self, model: str) -> None:
        """Delete a model from the disk. As on a real server, it stays in memory and can no longer be unloaded."""
        self.models = tuple(name for name in self.models if name != model)

    def path(self, model: str) -> str:
        """Return the file of a model's weights."""
        return self.paths.get(model, f"/nowhere/blobs/sha256-{_sha256(f'weights of {model}')}")

    def digest(self, model: str) -> str:
        return self.digests.get(model, _sha256(model))

    def next_script(self, path: str) -> Script:
        with self.lock:
            return _next(self.other_scripts[path])

    def full_name(self, name: str) -> str | None:
        """Return the model's name as it is listed, or None if there is none."""
        full = model_name(name)
        return next((model for model in self.models if model.casefold() == full.casefold()), None)

    def runner(self, model: str) -> str | None:
        """Return the name under which the weights of a model are in memory: that of the model that loaded them."""
        return next((name for name in list(self.loaded) if self.path(name) == self.path(model)), None)

    def load(self, model: str, options: Json) -> None:
        """Load the model, unless its weights are loaded with the same options."""
        for unloading in list(self._unloading):
            unloading.join()
        runner = self.runner(model) or model
        context_length, layers = options.get("num_ctx", 4096), options.get("num_gpu", self.on_gpu.get(runner))
        if (self.loaded.get(runner), self.on_gpu.get(runner)) == (context_length, layers):
            return
        self._forget(runner)
        self._free_memory(model)
        time.sleep(self.timing.load / 1000)
        self.loaded[model], self.loaded_digests[model] = context_length, self.digest(model)
        if layers is not None:
            self.on_gpu[model] = layers

    def _free_memory(self, model: str) -> None:
        """Unload the models that were loaded first."""
        others = [name for name in self.loaded if name != model]
        if self.max_loaded is not None:
            for name in others[: max(0, len(others) + 1 - self.max_loaded)]:
                self._forget(name)

    def vram_share(self, model: str) -> float:
        """Return the share of a loaded model that is on the GPU. Its output counts as a layer."""
        if self.layers is None or not self.gpu:
            return self.size_vram_share
        whole = self.layers + 1
        usual = whole if self.auto_layers is None else self.auto_layers
        return min(whole, self.on_gpu.get(model, usual)) / whole

    def unload(self, model: str) -> None:
        """Unload the model a little later and after its last request, as a real server does."""
        self.unloads.append(len(self.requests))
        timer = threading.Timer(self.timing.unload / 1000, self._forget_when_idle, (self.runner(model) or model,))
        self._unloading.append(timer)
        timer.start()

    @contextlib.contextmanager
    def work(self, model: str) -> Iterator[None]:
        """Occupy a slot of the model's runner while the block runs, and longer if the client leaves."""
        runner = self.runner(model) or model
        with self.slots, self._counted(runner):
            try:
                yield
            except BaseException:
                time.sleep(self.rest / 1000)
                raise

    @contextlib.contextmanager
    def _counted(self, runner: str) -> Iterator[None]:
        with self.lock:
            self.working[runner] += 1
        try:
            yield
        finally:
            with self.lock:
                self.working[runner] -= 1

    def _forget_when_idle(self, runner: str) -> None:
        while self.working[runner]:
            time.sleep(POLL_S)
        self._forget(runner)

    def _forget(self, model: str) -> None:
        self.loaded.pop(model, None)
        self.loaded_digests.pop(model, None)
        self.on_gpu.pop(model, None)

    @contextlib.contextmanager
    def record(self, model: str, body: Json) -> Iterator[RecordedRequest]:
        prompt = "\n".join(body["input"]) if "input" in body else body["prompt"]
        think = bool(body.get("think"))
        request = RecordedRequest(
            model, prompt, body.get("options", {}), self.runner(model) is not None, time.monotonic_ns(), think
        )
        with self.lock:  # who sees a request knows that it has its script, and that the next one gets another
            request.script = _next(self.scripts)
            self.requests.append(request)
            self._running += 1
            self.max_concurrent = max(self.max_concurrent, self._running)
        try:
            yield request
        finally:
            request.ended_ns = time.monotonic_ns()
            with self.lock:
                self._running -= 1

    def uncached_tokens(self, prompt: str) -> int:
        """Return the number of tokens of a prompt after the longest prefix that it shares with an earlier one."""
        known = max((_shared_prefix(prompt, request.prompt) for request in self.requests if request.done), default=0)
        return max(0, self.tokens(prompt) - self.tokens(prompt[:known]))

    def entry(self, model: str) -> Json:
        details = {
            "parent_model": "",
            "format": "gguf",
            "family": "llama",
            "families": ["llama"],
            "parameter_size": "3.49M",
            "quantization_level": "F16",
        }
        listed = {"name": model, "model": model, "size": self.sizes.get(model, 7_077_287)}
        return {**listed, "digest": self.digest(model), "details": details | self.details.get(model, {})}


def _next(ordered: deque[Script]) -> Script:
    return ordered.popleft() if ordered else Script()


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _shared_prefix(one: str, other: str) -> int:
    return next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
