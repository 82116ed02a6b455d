"""Which processes are Ollama's: its servers, whatever packages call them, and all that these have started."""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import PurePath

from sampler.processes.table import Process

Arguments = Callable[[int], Sequence[str]]
"""Returns the command line of a process, empty if it is not known."""

PROGRAM = re.compile(
    r"\.?ollama(\.exe|[.-](real|bin|lib|orig|wrapped_?)"
    r"|[-_.](linux|darwin|windows|amd64|arm64|rocm|cuda|vulkan|cpu|ipex|intel|llama|runner|server?|v?\d)[\w.-]*)?"
)
"""Names of the program: ollama, .ollama-wrapped (Nix), ollama-linux-amd64, ollama_llama_server (old runners).

Linux keeps 15 characters of a name. Other programs have such names too: ollama-webui, ollama-exporter.
"""
RUNNER = "llama-server"
"""Name of the runners of newer versions, in a folder `ollama`. Others run it too."""
CLIENT_COMMANDS = {
    *("run", "pull", "push", "create", "show", "list", "ls", "ps", "cp", "rm", "stop", "launch"),
    *("signin", "signout", "login", "logout", "help", "completion", "-v", "--version", "-h", "--help"),
}


def ollama_processes(processes: Sequence[Process], arguments: Arguments) -> tuple[Process, ...]:
    """Return Ollama's servers, and the processes that they and their children have started."""
    found = [process for process in processes if _is_ollama(process, arguments)]
    return process_tree((process.pid for process in found), processes)


def process_tree(roots: Iterable[int], processes: Sequence[Process]) -> tuple[Process, ...]:
    """Return the processes with these ids, and their descendants."""
    children = defaultdict[int, list[int]](list)
    for process in processes:
        children[process.parent].append(process.pid)
    pids, left = set[int](), list(roots)
    while left:
        pid = left.pop()
        if pid not in pids:
            pids.add(pid)
            left += children.get(pid, ())
    return tuple(process for process in processes if process.pid in pids)


def _is_ollama(process: Process, arguments: Arguments) -> bool:
    name = process.name.lower()
    if PROGRAM.fullmatch(name):
        return not _is_client(arguments(process.pid))
    if not name.startswith(RUNNER):
        return False
    command = arguments(process.pid)
    return bool(command) and "ollama" in PurePath(command[0].lower()).parts


def _is_client(command: Collection[str]) -> bool:
    """Return whether the command asks a server, as `ollama run` does. An unknown command does not."""
    words = list(command)
    place = next((place for place, word in enumerate(words) if PROGRAM.fullmatch(PurePath(word.lower()).name)), None)
    if place is None:
        return False
    following = words[place + 1 :]
    return not following or following[0] in CLIENT_COMMANDS
