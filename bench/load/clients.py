"""`python -m bench.load.clients HOST:PORT PATH READERS MUTE`: many WebSocket clients in one light process.

It prints `open` when all are connected, and `receiving` when each has a message. Then it reads one line with the
expected numbers, and waits until each client has the last of them, or for half a minute. It prints how many clients
got exactly those in order, and how late.
"""

import json
import select
import socket
import sys
import time
from dataclasses import dataclass, field

from testbed.frames import MASKED, PING, PONG, TEXT, Frames

AT_ONCE = 50
TIMEOUT_S = 30
SECOND_MS = 1000
PIECE = 65_536
MUTE_BUFFER = 4096
REQUEST = (
    "GET {path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


@dataclass
class Client:
    """The numbers of the messages that one client received, and when each arrived, in ms."""

    sock: socket.socket
    frames: Frames = field(default_factory=Frames)
    head: bytearray = field(default_factory=bytearray)
    upgraded: bool = False
    seqs: list[int] = field(default_factory=list)
    at: list[float] = field(default_factory=list)

    def read(self) -> bool:
        """Read what has arrived. Return False if the connection has ended."""
        try:
            data = self.sock.recv(PIECE)
        except ConnectionError:
            return False
        now = time.time() * SECOND_MS
        for kind, content in self.frames.feed(data if self.upgraded else self._after_head(data)):
            if kind == TEXT:
                # Each message begins with its number, so that JSON need not be read: {"seq":17,
                self.seqs.append(int(content[7 : content.index(b",")]))
                self.at.append(now)
            elif kind == PING:
                self.sock.send(bytes([PONG]) + MASKED)
        return bool(data)

    def _after_head(self, data: bytes) -> bytes:
        self.head += data
        head, separator, rest = bytes(self.head).partition(b"\r\n\r\n")
        if separator and not head.startswith(b"HTTP/1.1 101"):
            raise SystemExit(f"refused: {head.decode(errors='replace')}")
        self.upgraded = bool(separator)
        return rest


class Clients:
    def __init__(self, address: str, path: str) -> None:
        host, port = address.split(":")
        self._address = host, int(port)
        self._request = REQUEST.format(path=path).encode()
        self._readers: dict[int, Client] = {}
        self._poll = select.epoll()
        self.lost = 0

    def connect(self, count: int, *, mute: bool) -> list[Client]:
        """Connect `count` more clients. Those that are mute are never read."""
        clients: list[Client] = []
        while len(clients) < count:
            some = [self._open(mute=mute) for _ in range(min(AT_ONCE, count - len(clients)))]
            while not all(client.upgraded for client in some):
                self.read(1)
            clients += some
        if mute:
            for client in clients:
                self._forget(client)
        return clients

    def _open(self, *, mute: bool) -> Client:
        sock = socket.socket()
        if mute:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, MUTE_BUFFER)
        sock.connect(self._address)
        sock.send(self._request)
        client = Client(sock)
        self._readers[sock.fileno()] = client
        self._poll.register(sock.fileno(), select.EPOLLIN)
        return client

    def _forget(self, client: Client) -> None:
        self._poll.unregister(client.sock.fileno())
        del self._readers[client.sock.fileno()]

    def read_until_expected(self) -> list[int]:
        """Read messages until the expected numbers are on the standard input, and return those."""
        self._poll.register(sys.stdin.fileno(), select.EPOLLIN)
        while sys.stdin.fileno() not in self.read(1):
            pass
        expected: list[int] = json.loads(sys.stdin.readline())
        return expected

    def read(self, seconds: float) -> set[int]:
        """Read what has arrived, and return the other files that can be read."""
        others = set()
        for file, _ in self._poll.poll(seconds):
            client = self._readers.get(file)
            if client is None:
                others.add(file)
            elif not client.read():
                self._forget(client)
                self.lost += 1
        return others

    def have_all(self, last: int) -> bool:
        return all(client.seqs and client.seqs[-1] >= last for client in self._readers.values())


def main() -> None:
    address, path, readers, mute = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    pool = Clients(address, path)
    muted = pool.connect(mute, mute=True)
    clients = pool.connect(readers, mute=False)
    print("open", flush=True)
    while not all(client.seqs for client in clients):
        pool.read(1)
    print("receiving", flush=True)
    expected = pool.read_until_expected()
    until = time.monotonic() + TIMEOUT_S
    while not pool.have_all(expected[-1]) and time.monotonic() < until:
        pool.read(1)
    print(json.dumps(summarise(clients, expected) | {"lost": pool.lost}), flush=True)
    sys.stdin.readline()  # the sockets stay open until they have been counted
    del muted


def summarise(clients: list[Client], expected: list[int]) -> dict[str, object]:
    """Count the clients with exactly the expected messages, and give the delays in ms. Other messages do not count."""
    first, last = expected[0], expected[-1]
    delays: list[float] = []
    complete = 0
    for client in clients:
        got = [(seq, at) for seq, at in zip(client.seqs, client.at, strict=True) if first <= seq <= last]
        complete += [seq for seq, _ in got] == expected
        delays += [at - seq for seq, at in got]
    delays.sort()
    shares = {
        name: delays[int(share * (len(delays) - 1))] for name, share in (("p50", 0.5), ("p99", 0.99), ("slowest", 1))
    }
    return {"complete": complete, **shares}


if __name__ == "__main__":
    main()
