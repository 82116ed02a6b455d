"""A client that watches over a WebSocket, and comes back with `after=` whenever it is cut off."""

import contextlib
import json
import random
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from websocket import WebSocketException, WebSocketTimeoutException, create_connection

PAUSE_S = 0.2
"""Before another try, times a random number up to two, so that not all come at once."""
TIMEOUT_S = 10
LOOK_UP_S = 1


@dataclass
class Follower:
    """Watches one session, or all without a `session_id`. `seen` are the numbers of its messages as they came,
    `away_s` how long it took each time to be connected again.
    """

    address: str
    session_id: str | None = None
    seen: list[int] = field(default_factory=list)
    away_s: list[float] = field(default_factory=list)
    connected: bool = False
    stopped: bool = False

    def start(self) -> threading.Thread:
        thread = threading.Thread(target=self._follow, daemon=True)
        thread.start()
        return thread

    def missed(self, sent: Sequence[int]) -> int:
        return len(set(sent) - set(self.seen))

    def twice(self) -> int:
        """How many messages came that had come before, or out of their order."""
        return sum(later <= earlier for earlier, later in pairwise(self.seen))

    def _follow(self) -> None:
        lost: float | None = None
        while not self.stopped:
            with contextlib.suppress(WebSocketException, OSError):
                self._listen(lost)
            lost = time.monotonic() if self.connected else lost
            self.connected = False
            time.sleep(PAUSE_S * random.uniform(0, 2))  # noqa: S311 - a pause

    def _listen(self, lost: float | None) -> None:
        """Until the connection ends. `lost` is when the one before did."""
        session = f"&sessionId={self.session_id}" if self.session_id else ""
        after = self.seen[-1] if self.seen else 0
        url = f"ws://{self.address}/ws/test-progress?after={after}{session}"
        channel = create_connection(url, timeout=TIMEOUT_S)
        try:
            self.connected = True
            self.away_s += [] if lost is None else [time.monotonic() - lost]
            channel.settimeout(LOOK_UP_S)
            while not self.stopped:
                with contextlib.suppress(WebSocketTimeoutException):
                    text = channel.recv()
                    if not text:
                        return  # a close frame
                    self.seen.append(json.loads(text)["seq"])
        finally:
            channel.shutdown()  # type: ignore[no-untyped-call] # websocket-client's
