"""The measured window of a closed loop, found from the times at which its users were answered.

It begins when every user has been answered once, so that no metric has the burst of the start. It ends with a later
answer to the user who was answered last in the first round. So it covers whole rounds of this user: a window that ended
at any other time would more often end before a burst of tokens than after it.
"""

from dataclasses import dataclass, field

from worker.workload.traffic.window import Window


@dataclass
class Rounds:
    """The times of the answers to each of several users (ns), and the window that they make.

    The window lasts for `duration_ns` or longer, until each user was answered `requests` times in it. If both are 0, it
    ends where it begins: after the first round.
    """

    users: int
    duration_ns: int
    requests: int
    answered_ns: list[list[int]] = field(init=False)

    def __post_init__(self) -> None:
        self.answered_ns = [[] for _ in range(self.users)]

    def add(self, user: int, at_ns: int) -> None:
        self.answered_ns[user].append(at_ns)

    def window(self) -> Window | None:
        """Return the window, or None if it has not ended."""
        if not all(self.answered_ns):
            return None
        start, pacer = max((own[0], user) for user, own in enumerate(self.answered_ns))
        ends = [at for at in self.answered_ns[pacer] if at >= start + self.duration_ns]
        windows = (Window(start, end) for end in ends)
        return next((window for window in windows if self._is_long_enough(window)), None)

    def _is_long_enough(self, window: Window) -> bool:
        return all(sum(map(window.contains, own)) >= self.requests for own in self.answered_ns)
