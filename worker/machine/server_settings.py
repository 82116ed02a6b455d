"""Settings of an Ollama server that change what is measured.

Ollama's API does not report them. They are read from the environment of its process, which needs a worker on the same
machine that runs as the same user (or root). Other variables are not read.
"""

import psutil

from common.environment.servers.addresses import OllamaHost
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


_ports: dict[psutil.Process, frozenset[int]] = {}
"""The ports that servers listen on, since looking for them reads all connections of the machine.

They do not change while a server runs. One that listens on none may have just started, so it is not here.
"""


def server_settings(url: str) -> Settings | None:
    """Return each variable with its value, None if it is not set. Return None if they are unknown."""
    port = port_here(OllamaHost(url))
    process = None if port is None else _listener(port)
    try:
        environment = process.environ() if process else None
    except (psutil.Error, OSError):
        return None
    return None if environment is None else {name: _value(environment.get(name)) for name in VARIABLES}


def _listener(port: int) -> psutil.Process | None:
    """Return the process of Ollama that listens on the port, None if there is none or if that cannot be read."""
    known = next((each for each, ports in _ports.items() if port in ports and each.is_running()), None)
    return known or _found(port)


def _found(port: int) -> psutil.Process | None:
    """Look through all processes of the machine."""
    named = [each for each in psutil.process_iter(["name"]) if "ollama" in (each.info["name"] or "").lower()]
    for ended in _ports.keys() - set(named):
        del _ports[ended]
    return next((each for each in named if port in _ports_of(each)), None)


def _ports_of(process: psutil.Process) -> frozenset[int]:
    known = _ports.get(process)
    if known and process.is_running():
        return known
    try:
        connections = process.net_connections("tcp")
    except (psutil.Error, OSError):
        return frozenset()
    found = frozenset(each.laddr.port for each in connections if each.status == psutil.CONN_LISTEN)
    if found:
        _ports[process] = found
    return found


def _value(text: str | None) -> str | None:
    return text[:MAX_LENGTH] if text else None
