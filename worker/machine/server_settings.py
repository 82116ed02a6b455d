"""Settings of an Ollama server that change what is measured.

Ollama's API does not report them. They are read from the environment of its process, which needs a worker on the same
machine that runs as the same user (or root). Other variables are not read.
"""

import psutil

from common.environment.addresses import OllamaHost
from common.machines.hosts_here import port_here

Settings = dict[str, str | None]

VARIABLES = (
    "OLLAMA_FLASH_ATTENTION",
    "OLLAMA_KV_CACHE_TYPE",
    "OLLAMA_NUM_PARALLEL",
    "OLLAMA_MAX_LOADED_MODELS",
    "OLLAMA_CONTEXT_LENGTH",
    "OLLAMA_MULTIUSER_CACHE",
    "OLLAMA_NEW_ENGINE",
    "OLLAMA_SCHED_SPREAD",
    "OLLAMA_GPU_OVERHEAD",
    "OLLAMA_LLM_LIBRARY",
    "OLLAMA_VULKAN",
    "CUDA_VISIBLE_DEVICES",
    "HIP_VISIBLE_DEVICES",
    "ROCR_VISIBLE_DEVICES",
    "HSA_OVERRIDE_GFX_VERSION",
)
MAX_LENGTH = 200


def server_settings(url: str) -> Settings | None:
    """Return each variable with its value, None if it is not set. Return None if they are unknown."""
    port = port_here(OllamaHost(url))
    if port is None:
        return None
    for process in psutil.process_iter(["name"]):
        if "ollama" in (process.info["name"] or "").lower():
            found = _settings(process, port)
            if found is not None:
                return found
    return None


def _settings(process: psutil.Process, port: int) -> Settings | None:
    """Return the settings of a process that listens on the port; None for another, or if they cannot be read."""
    try:
        listening = any(
            each.status == psutil.CONN_LISTEN and each.laddr.port == port for each in process.net_connections("tcp")
        )
        environment = process.environ() if listening else None
    except (psutil.Error, OSError):
        return None
    return None if environment is None else {name: _value(environment.get(name)) for name in VARIABLES}


def _value(text: str | None) -> str | None:
    return text[:MAX_LENGTH] if text else None
