"""The measured part of a load, and what the server did in it.

A token counts if it arrived in the window, and a request if its answer ended in the window. So what is cut by one edge
is not counted twice, and not lost.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from common.records.runs import Metrics
from common.values.units import NS_PER_S
from worker.ollama.responses import Generation

MIN_SHARE = 0.1
"""Share of the busy time. A shorter overlap is just the end of one answer and the beginning of the next."""


@dataclass(frozen=True)
class Window:
    """The measured time of a load: after `start_ns`, up to `end_ns` (CLOCK_REALTIME)."""

    start_ns: int
    end_ns: int

    @property
    def seconds(self) -> float:
        return (self.end_ns - self.start_ns) / NS_PER_S

    def contains(self, at_ns: int) -> bool:
        return self.start_ns < at_ns <= self.end_ns

    def completed(self, answers: Sequence[Generation]) -> list[Generation]:
        """Return the answers that ended in the window."""
        return [answer for answer in answers if self.contains(done_ns(answer))]

    def tokens(self, answers: Sequence[Generation]) -> float | None:
        """Return the tokens that arrived in the window; None if the server did not report those of an answer.

        A chunk may hold several tokens, so the tokens of an answer are spread evenly over its chunks.
        """
        shares = [(self._share(answer), answer.server.output_tokens) for answer in answers]
        known = [share * tokens for share, tokens in shares if share and tokens is not None]
        return sum(known) if len(known) == sum(share > 0 for share, _ in shares) else None

    def _share(self, answer: Generation) -> float:
        inside = sum(self.contains(answer.sent_ns + stamp) for stamp in answer.content_ns)
        return inside / max(1, len(answer.content_ns))

    def throughput(self, answers: Sequence[Generation], counted: int) -> Metrics:
        """Return the throughput of all answers together, of which `counted` ended in the window as requested."""
        tokens = self.tokens(answers)
        return {
            "aggregateTokensPerSecond": None if tokens is None else tokens / self.seconds,
            "requestsPerSecond": counted / self.seconds,
            "writingAtOnce": float(writing_at_once(answers, self)),
        }


def whole(answers: Sequence[Generation]) -> Window:
    """Return the time from the first request to the last answer."""
    return Window(min(answer.sent_ns for answer in answers), max(map(done_ns, answers)))


def done_ns(answer: Generation) -> int:
    """Return the time of the last line (CLOCK_REALTIME)."""
    return answer.sent_ns + answer.done_ns


def writing_at_once(answers: Sequence[Generation], window: Window) -> int:
    """Return the number of answers that the server writes at once: the largest number that lasts a tenth of the time.

    An answer is written from its first content to its last.
    """
    spent = [0] * (len(answers) + 1)
    for start, end, level in _levels(answers):
        spent[level] += max(0, min(end, window.end_ns) - max(start, window.start_ns))
    busy = sum(spent[1:])
    return max((level for level in range(1, len(spent)) if busy and sum(spent[level:]) >= MIN_SHARE * busy), default=0)


def _levels(answers: Sequence[Generation]) -> Iterator[tuple[int, int, int]]:
    """Yield each interval (start, end) with the number of answers that were written during it."""
    edges = [(answer.sent_ns + answer.content_ns[0], 1) for answer in answers if answer.content_ns]
    edges += [(answer.sent_ns + answer.content_ns[-1], -1) for answer in answers if answer.content_ns]
    level = 0
    for (start, step), (end, _) in pairwise(sorted(edges)):
        level += step
        yield start, end, level
