"""Time stamps of one streamed answer, in nanoseconds on the client's monotonic clock."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

Clock = Callable[[], int]


@dataclass
class Stopwatch:
    """Notes when a request was sent and when each of its lines arrived.

    A line's stamp is that of the piece that completed it: one read may bring several lines, and one line may take
    several reads. Parsing comes after stamping.
    """

    clock: Clock = time.perf_counter_ns
    sent_ns: int = field(default=0, init=False)

    def start(self) -> None:
        self.sent_ns = self.clock()

    def elapsed_ns(self) -> int:
        return self.clock() - self.sent_ns

    def lines(self, pieces: Iterable[bytes], limit: int) -> Iterator[tuple[int, bytes]]:
        """Each line, without its end, with the nanoseconds since the start at which it was whole.

        Raises:
            ValueError: when a line grows beyond `limit` bytes.
        """
        rest = b""
        for piece in pieces:
            stamp = self.elapsed_ns()
            *whole, rest = (rest + piece).split(b"\n")
            yield from ((stamp, line) for line in whole if line.strip())
            if len(rest) > limit:
                raise ValueError(f"a line of more than {limit} bytes")
        if rest.strip():
            yield self.elapsed_ns(), rest
