"""Processes as /proc lists them, with names of at most 15 characters, and which of them are Ollama's."""

from pathlib import Path

import pytest

from sampler.processes.ollama_programs import ollama_processes
from sampler.processes.open_ports import OpenPort
from sampler.processes.table import Process, ProcTable
from tests.support.machine.sysfs import write

PORT = 11434
INIT, SERVER, OTHER = 1, 100, 200


def process(pid: int, name: str, parent: int = INIT) -> Process:
    return Process(pid, 0.0, name, parent, 0.0, 0)


@pytest.mark.parametrize(
    ("name", "command", "expected"),
    [
        ("ollama", "/usr/local/bin/ollama serve", True),
        ("ollama", "/bin/ollama start", True),
        ("ollama", "", True),  # another user's, under hidepid
        ("ollama", "/usr/bin/ollama runner --model /blobs/sha256-1 --port 4000", True),
        ("ollama", "/snap/ollama/105/bin/ollama serve", True),
        ("ollama", "/bin/sh /usr/bin/ollama serve", True),  # a script around the program
        ("ollama", "/usr/bin/ollama (deleted) serve", True),  # after an update
        (".ollama-wrapped", "/nix/store/x-ollama-0.12/bin/.ollama-wrapped serve", True),
        ("ollama-linux-am", "./ollama-linux-amd64 serve", True),
        ("ollama-lib", "./ollama-lib serve", True),
        ("ollama-rocm", "ollama-rocm serve", True),
        ("ollama.real", "/opt/ollama.real serve", True),
        ("ollama.exe", "C:/ollama.exe serve", True),
        ("ollama_llama_se", "/tmp/ollama1/runners/cuda_v12/ollama_llama_server --port 4000", True),
        ("llama-server", "/usr/lib/ollama/llama-server --port 4000", True),  # its server has died
        ("llama-server", "/opt/llama.cpp/llama-server -m model.gguf", False),
        ("llama-server", "", False),
        ("ollama", "ollama run llama3.2", False),
        ("ollama", "/usr/local/bin/ollama pull llama3.2", False),
        ("ollama", "/bin/sh /usr/bin/ollama ps", False),
        ("ollama", "ollama --version", False),
        (".ollama-wrapped", "/nix/store/x-ollama-0.12/bin/.ollama-wrapped run llama3.2", False),
        ("ollama-webui", "python ollama-webui serve", False),
        ("ollama-exporter", "ollama-exporter --port 9000", False),
        ("open-webui", "open-webui serve", False),
        ("python3", "python3 bench.py --server ollama serve", False),
        ("docker-proxy", "docker-proxy -container ollama", False),
        ("ollamazing", "ollamazing", False),
    ],
)
def test_a_program_is_known_by_its_name_and_command(name: str, command: str, *, expected: bool) -> None:
    found = ollama_processes([process(SERVER, name)], lambda _: command.split())
    assert bool(found) == expected


def test_all_that_a_server_has_started_is_ollamas_and_nothing_else() -> None:
    listed = [
        process(3, "mlx-runner", parent=2),  # before its parent
        process(SERVER, "ollama"),
        process(2, "llama-server", parent=SERVER),
        process(4, "sh", parent=OTHER),
        process(OTHER, "llama-server"),
    ]
    assert {each.pid for each in ollama_processes(listed, lambda _: ())} == {SERVER, 2, 3}


# A server under another name is the process that listens on the port.

HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode"


def listens(root: Path, pid: int, inode: int, *, state: str = "0A", port: int = PORT) -> None:
    line = f"   0: 0100007F:{port:04X} 00000000:0000 {state} 00000000:00000000 00:00000000 00000000  0  0 {inode} 1"
    write(root, proc__net__tcp=f"{HEAD}\n   1: broken\n{line}")
    folder = root / f"proc/{pid}/fd"
    folder.mkdir(parents=True)
    (folder / "0").symlink_to("/dev/null")
    (folder / "7").symlink_to(f"socket:[{inode}]")


@pytest.mark.parametrize(
    ("name", "state", "port", "owner"),
    [
        ("msty-local", "0A", PORT, SERVER),
        ("msty-local", "01", PORT, None),  # a connection
        ("msty-local", "0A", PORT + 1, None),
        ("ssh", "0A", PORT, None),
        ("docker-proxy", "0A", PORT, None),
    ],
)
def test_the_owner_of_a_port_does_not_only_forward(
    tmp_path: Path, name: str, state: str, port: int, owner: int | None
) -> None:
    listens(tmp_path, SERVER, 4711, state=state, port=port)
    assert OpenPort(PORT, tmp_path).owner([process(OTHER, "sh"), process(SERVER, name)]) == owner


def test_a_command_line_is_split_at_its_zeros(tmp_path: Path) -> None:
    write(tmp_path, **{"100__cmdline": "ollama\0serve\0"})
    table = ProcTable(tmp_path)
    assert (table.arguments(SERVER)[0], table.arguments(OTHER)) == ("ollama", [])
