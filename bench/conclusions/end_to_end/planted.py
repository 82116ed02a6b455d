"""An Ollama whose pace is planted: of its models, of a session as a whole, and of each answer."""

from collections.abc import Mapping
from math import exp

import numpy as np

from testbed.ollama_double import OllamaDouble, Timing

FIRST_MS, EACH_MS = 2.0, 2.0
"""Times of the tokens of a model that is not slower, before what is planted."""
MS_PER_S = 1000
PERCENT = 100


class PlantedOllama:
    """A server of models, each slower than EACH_MS says by these percent. `double` is the server."""

    def __init__(self, slower: Mapping[str, float]) -> None:
        self.double = OllamaDouble(*slower, timing=Timing(first=FIRST_MS, each=EACH_MS))
        self.double.timing_of = self._timing
        self._slower = slower
        self._noise = 0.0
        self._session = 1.0
        self._rng = np.random.default_rng(5)

    def begin_session(self, spread: float, noise: float) -> None:
        """Draw how slow the next session is as a whole, from this spread in percent. `noise` is that of its answers."""
        self._session = self._drawn(spread)
        self._noise = noise
        self.double.requests.clear()  # each prompt would be compared with all of them

    def rate(self, model: str) -> float:
        """Return the true median of a model's tokens per second in this session."""
        return MS_PER_S / self._each_ms(model)

    def _each_ms(self, model: str) -> float:
        return EACH_MS * self._session / (1 - self._slower[model] / PERCENT)

    def _timing(self, model: str) -> Timing:
        return Timing(first=FIRST_MS, each=self._each_ms(model) * self._drawn(self._noise))

    def _drawn(self, percent: float) -> float:
        return exp(percent / PERCENT * self._rng.standard_normal())
