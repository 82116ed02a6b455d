"""The machines and models of the fleet."""

from dataclasses import dataclass, replace

from bench.support.modelled.ollama import ModelledModel, ModelledServer
from bench.support.modelled.sessions import ModelledHost
from common.values.free_json import Json
from testbed.stored.inventory import INVENTORY

GIB = 2**30
GB = 10**9
BANDWIDTH = 330.0
"""Tokens per second times gigabytes of a model on the fastest machine: each token reads the whole model once."""
NAMES: dict[str, tuple[float, str]] = {
    "smollm2:1.7b": (1.8, "Q8_0"),
    "llama3.2:1b": (1.3, "Q8_0"),
    "gemma3:1b": (0.8, "Q4_K_M"),
    "qwen3:1.7b": (1.4, "Q4_K_M"),
    "llama3.2:3b": (2.0, "Q4_K_M"),
    "qwen3:4b": (2.6, "Q4_K_M"),
    "gemma3:4b": (3.3, "Q4_K_M"),
    "phi4-mini:3.8b": (2.5, "Q4_K_M"),
    "mistral:7b": (4.4, "Q4_K_M"),
    "qwen3:8b": (5.2, "Q4_K_M"),
    "llama3.1:8b": (4.9, "Q4_K_M"),
    "llama3.1:8b-instruct-q8_0": (8.5, "Q8_0"),
    "deepseek-r1:8b": (5.2, "Q4_K_M"),
    "granite3.3:8b": (4.9, "Q4_K_M"),
    "gemma3:12b": (8.1, "Q4_K_M"),
    "phi4:14b": (9.1, "Q4_K_M"),
    "gpt-oss:20b": (13.8, "MXFP4"),
    "mistral-small3.2:24b": (15.2, "Q4_K_M"),
    "qwen3:32b": (20.2, "Q4_K_M"),
    "llama3.3:70b": (42.5, "Q4_K_M"),
}
"""Each model's size in gigabytes, and its quantisation."""
FIXED_S = 0.0035
"""Time of a token that does not depend on the model's size."""


@dataclass(frozen=True)
class Machine:
    """A machine of the fleet. `pace` is its memory's speed as a share of the fastest machine's."""

    name: str
    pace: float
    room: float
    """Size of the largest model that is installed there, in gigabytes."""
    inventory: Json

    @property
    def models(self) -> dict[str, tuple[float, str]]:
        """The installed ones of NAMES."""
        return {name: (size, bits) for name, (size, bits) in NAMES.items() if size <= self.room}

    def host(self, release: str, slower: dict[str, float]) -> ModelledHost:
        """Return the machine with this release of Ollama, on which models are slower by these factors."""
        models = {
            name: ModelledModel(self._rate(size) / slower.get(name, 1.0), round(size * GB), tags_of(name, bits))
            for name, (size, bits) in self.models.items()
        }
        gpu: Json = next(iter(self.inventory["gpu"]), {})
        server = ModelledServer(models, release, gpu.get("memory"), prefill_rate=9000 * self.pace)
        return ModelledHost(self.name, self.inventory, server, gpu.get("model"))

    def _rate(self, size: float) -> float:
        return 1 / (FIXED_S + size / (BANDWIDTH * self.pace))


def tags_of(name: str, quantisation: str) -> tuple[str, ...]:
    """Return the tags as the API finds them: the model's tag, family, size, quantisation and capabilities."""
    family, tag = name.split(":")
    return tag, family.rstrip("0123456789.-"), tag.split("-")[0].upper(), quantisation, "completion"


def _inventory(cpu: str, cores: int, ram: int, gpu: Json | None) -> Json:
    known: Json = {**INVENTORY, "gpu": [gpu] if gpu else []}
    return {
        **known,
        "cpu": {**known["cpu"], "model": cpu, "cores": cores, "threads": 2 * cores},
        "ram": {**known["ram"], "total": ram * GIB},
    }


def _gpu(model: str, memory: int, driver: str) -> Json:
    return {"model": model, "driver": driver, "memory": memory * GIB}


DESK = Machine(
    "desk",
    1.0,
    42.5,
    _inventory("AMD Ryzen 9 7950X", 16, 64, _gpu("NVIDIA GeForce RTX 4090", 24, "570.86")),
)
SERVER = Machine(
    "server",
    0.85,
    42.5,
    _inventory("AMD EPYC 9354", 32, 256, _gpu("NVIDIA L40S", 48, "550.127")),
)
LAPTOP = Machine("laptop", 0.11, 9.2, _inventory("AMD Ryzen 7 7840U", 8, 32, None))
FLEET = (DESK, SERVER, LAPTOP)


def with_driver(machine: Machine, driver: str) -> Machine:
    """Return the machine with another version of its GPU's driver."""
    [gpu] = machine.inventory["gpu"]
    return replace(machine, inventory={**machine.inventory, "gpu": [{**gpu, "driver": driver}]})
