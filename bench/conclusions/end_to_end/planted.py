"""An Ollama whose pace is planted: its models, its sessions and its noise."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from math import exp

import numpy as np

from testbed.ollama_double import OllamaDouble, Timing

LOAD_MS, FIRST_MS, EACH_MS = 2.0, 2.0, 2.0
PERCENT = 100


class PlantedOllama:
    """A server that writes a token every EACH_MS, times what is planted.

    `slower` has, by model, by how many percent it is slower than EACH_MS says. Each session is as fast as `session`
    says, and each answer has `noise` percent of log-normal noise.
    """

    def __init__(self, slower: Mapping[str, float], noise: float, spread: float, seed: int) -> None:
        self.slower = slower
        self.noise, self.spread = noise / PERCENT, spread / PERCENT
        self.session = 1.0
        self._rng = np.random.default_rng(seed)
        self.double = OllamaDouble(*slower, timing=Timing(load=LOAD_MS, first=FIRST_MS, each=EACH_MS, unload=LOAD_MS))
        self.double.timing_of = self._timing

    def begin_session(self) -> None:
        """Draw how fast the server is in the next session."""
        self.session = exp(self.spread * self._rng.standard_normal())
        self.double.requests.clear()

    def rate(self, model: str) -> float:
        """Return the true median of a model's tokens per second in this session."""
        return 1000 / self._each(model)

    def _each(self, model: str) -> float:
        return EACH_MS * self.session / (1 - self.slower[model] / PERCENT)

    def _timing(self, model: str) -> Timing:
        noise = exp(self.noise * self._rng.standard_normal())
        return Timing(load=LOAD_MS, first=FIRST_MS, each=self._each(model) * noise, unload=LOAD_MS)
