"""A client that watches over a WebSocket, and reconnects with `after=` when the connection ends."""

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
"""Mean wait before another attempt. It is random, so that not all clients connect at once."""
TIMEOUT_S = 10
CHECK_S = 1


@dataclass
class Follower:
    """Watches one session, or all if `session_id` is None.

    `seen` holds the numbers of its messages in the order of arrival, and `away_s` the time of each reconnection.
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
        """Count the messages that came twice or out of order."""
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
        """Read until the connection ends. `lost` is when the previous one ended."""
        session = f"&sessionId={self.session_id}" if self.session_id else ""
        after = self.seen[-1] if self.seen else 0
        url = f"ws://{self.address}/ws/test-progress?after={after}{session}"
        channel = create_connection(url, timeout=TIMEOUT_S)
        try:
            self.connected = True
            self.away_s += [] if lost is None else [time.monotonic() - lost]
            channel.settimeout(CHECK_S)
            while not self.stopped:
                with contextlib.suppress(WebSocketTimeoutException):
                    text = channel.recv()
                    if not text:
                        return  # a close frame
                    self.seen.append(json.loads(text)["seq"])
        finally:
            channel.shutdown()  # type: ignore[no-untyped-call] # websocket-client's
