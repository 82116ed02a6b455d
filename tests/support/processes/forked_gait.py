"""`python -m tests.support.processes.forked_gait`: `gait` in processes forked from one that has imported it.

A document has dozens of command lines, and importing takes most of the time of each. The only argument is the path of
a Unix socket. CLIENT is the program that stands for `gait` there.
"""

import json
import os
import signal
import socket
import sys
import traceback
from typing import NoReturn

from cli.__main__ import main as run
from cli.app import SECTIONS, app

CLIENT = """#!{python} -IS
import json, os, socket, sys

with socket.socket(socket.AF_UNIX) as server:
    server.connect({path!r})
    call = {{"arguments": sys.argv[1:], "folder": os.getcwd(), "variables": dict(os.environ)}}
    socket.send_fds(server, [b" "], [0, 1, 2])
    server.sendall(json.dumps(call).encode())
    server.shutdown(socket.SHUT_WR)
    sys.exit(int(server.makefile().read() or 1))
"""
"""The client, to be formatted with its `python` and the `path` of the socket. It ends with the command's exit code."""


def main(path: str) -> None:
    for name in (name for of in SECTIONS.values() for name in of):
        app.get_command(None, name)  # type: ignore[arg-type] # it needs no context
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # so that the kernel forgets children that have ended
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen()
        while True:
            client, _ = listening.accept()
            with client:
                if os.fork() == 0:
                    _answer(client)


def _answer(client: socket.socket) -> NoReturn:
    """Run the command of a client in its folder, with its variables and its open files, and send back its exit code."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    _, files, _, _ = socket.recv_fds(client, 1, 3)
    call = json.loads(client.makefile().read())
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    os.chdir(call["folder"])
    os.environ.clear()
    os.environ.update(call["variables"])
    sys.argv[1:] = call["arguments"]
    code = 1
    try:
        code = run()
    except Exception:  # noqa: BLE001 - Python shows it at the end of a process of its own
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        client.sendall(str(int(code)).encode())
        os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1])
