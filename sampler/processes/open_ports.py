"""The process that listens on a port, under any name. Source: Linux's /proc/net/tcp and /proc/PID/fd.

https://docs.kernel.org/networking/proc_net_tcp.html
"""

import os
from collections.abc import Iterable
from pathlib import Path

from sampler.processes.table import Process
from sampler.sources.kernel_file import text

ADDRESS, STATE, INODE = 1, 3, 9
"""Columns of /proc/net/tcp."""
LISTENING = "0A"
FORWARDERS = {
    *(
        "ssh",
        "sshd",
        "sshd-session",
        "autossh",
        "socat",
        "tailscaled",
        "cloudflared",
        "frpc",
        "gvproxy",
        "wslrelay.exe",
    ),
    *("nginx", "haproxy", "caddy", "traefik", "envoy", "apache2", "httpd", "kubectl", "kube-proxy", "systemd"),
    *("docker-proxy", "com.docker.back", "vpnkit-bridge", "rootlessport", "rootlesskit", "slirp4netns"),
    *("pasta", "passt", "conmon", "containerd-shim"),
}
"""Programs that pass connections on: what they pass them to is on another machine, or in a container."""


class OpenPort:
    """The owner of a port. A search reads the open files of all processes, once for each socket that listens."""

    def __init__(self, port: int | None, root: Path = Path("/")) -> None:
        self._port = port
        self._root = root
        self._sockets: frozenset[str] = frozenset()
        self._owner: int | None = None

    def owner(self, processes: Iterable[Process]) -> int | None:
        """Return the id of the process that listens, or None if there is none, or if it only forwards."""
        sockets = frozenset(_sockets(self._root, self._port)) if self._port else frozenset()
        if sockets != self._sockets:
            self._sockets = sockets
            candidates = (each.pid for each in processes if each.name not in FORWARDERS) if sockets else ()
            self._owner = next((pid for pid in candidates if _holds(self._root, pid, sockets)), None)
        return self._owner


def _sockets(root: Path, port: int) -> list[str]:
    """Return the inodes of the sockets that listen on the port."""
    lines = [
        line.split() for name in ("tcp", "tcp6") for line in (text(root / "proc/net" / name) or "").splitlines()[1:]
    ]
    ending = f":{port:04X}"
    whole = [line for line in lines if len(line) > INODE]
    return [line[INODE] for line in whole if line[STATE] == LISTENING and line[ADDRESS].endswith(ending)]


def _holds(root: Path, pid: int, sockets: Iterable[str]) -> bool:
    """Return whether the process has one of the sockets open. Those of another user's process are not visible."""
    links = {f"socket:[{inode}]" for inode in sockets}
    folder = str(root / f"proc/{pid}/fd")
    try:
        return any(os.readlink(f"{folder}/{name}") in links for name in os.listdir(folder))  # noqa: PTH115, PTH208 - there may be thousands
    except OSError:
        return False
