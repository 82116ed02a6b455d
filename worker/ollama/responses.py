"""Responses of the server: the stream of a generation and the vectors of an embedding."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from math import isfinite

from common.errors import OllamaProtocolError
from common.ollama.engine import Engine
from common.ollama.replies import parse_object, printable
from common.ollama.schemas import LastLine
from common.records.runs import ServerRecord
from common.values.free_json import Json
from common.values.storable import storable_text
from worker.ollama.timing.socket import CLIENT, PIECE_COST

ANSWER_LIMIT = 1 << 26
"""Maximum size of an answer in bytes, overhead of its pieces included; 512 vectors of 4096 numbers take 25 MB."""
LINE_LIMIT = 1 << 22
"""Maximum size of a line in bytes. The longest is the last, which may repeat the whole context as numbers."""

NUMBERS = (int, float)
LAST_LINE = LastLine()
EMPTY = "The answer is empty. See the server's log, and check any proxy in between."


@dataclass(frozen=True)
class ServerReport:
    """The fields of the last line: counts of tokens, durations in nanoseconds. One without a valid value is None.

    `wrong` has the server's names of the fields whose value was not valid.
    """

    total_ns: int | None
    load_ns: int | None
    prompt_tokens: int | None
    cached_tokens: int | None
    prompt_ns: int | None
    output_tokens: int | None
    output_ns: int | None
    wrong: tuple[str, ...] = ()

    def record(self) -> ServerRecord:
        return {
            "total_ns": self.total_ns,
            "load_ns": self.load_ns,
            "prompt_tokens": self.prompt_tokens,
            "cached_tokens": self.cached_tokens,
            "prompt_ns": self.prompt_ns,
            "output_tokens": self.output_tokens,
            "output_ns": self.output_ns,
        }

    @classmethod
    def from_line(cls, line: Json) -> "ServerReport":
        """Return the report of a last line, and log the fields that have a wrong value."""
        found = LAST_LINE.read(line, "the last line of an answer")
        names = {field.data_key or name: name for name, field in LAST_LINE.fields.items()}
        wrong = [key for key, name in names.items() if line.get(key) is not None and found[name] is None]
        return cls(**found, wrong=tuple(wrong))


@dataclass(frozen=True)
class Generation:
    """One generated answer.

    `content_ns` are the arrivals of the chunks with content, of which the first `thought` held thinking. `done_ns` is
    the arrival of the last line. Both are nanoseconds since the request was sent. `clock` and `jump_ns` are those of
    the stopwatch. `sent_ns` is the time of sending on CLOCK_REALTIME. `text` is the generated text without thinking.
    `engine` is None if it is unknown.
    """

    content_ns: tuple[int, ...]
    done_ns: int
    done_reason: str
    server: ServerReport
    clock: str = CLIENT
    jump_ns: int = 0
    thought: int = 0
    text: str = ""
    sent_ns: int = 0
    engine: Engine | None = None


@dataclass(frozen=True)
class Embeddings:
    """The answer of /api/embed, with the number of vectors: lists of finite numbers.

    The time stamp of `answer` is that of the last byte. Its server report holds `total_ns`, `load_ns` and
    `prompt_tokens` only.
    """

    count: int
    answer: Generation


def bounded(arrivals: Iterable[tuple[int, bytes]], line_limit: int) -> Iterator[tuple[int, bytes]]:
    """Yield the same stamped pieces, as long as they fit into memory.

    Raises:
        ValueError: as soon as a line exceeds `line_limit` bytes, or the answer ANSWER_LIMIT.
    """
    size = line = 0
    for stamp, piece in arrivals:
        size += len(piece) + PIECE_COST
        end = piece.rfind(b"\n") + 1
        line = len(piece) - end + (0 if end else line)
        if line > line_limit:
            raise ValueError(f"a line is longer than {line_limit} bytes")
        if size > ANSWER_LIMIT:
            raise ValueError(f"the answer is longer than {ANSWER_LIMIT} bytes")
        yield stamp, piece


def read_stream(stamped_lines: Iterable[tuple[int, bytes]]) -> Generation:
    """Return the generation that the stamped lines of an answer describe.

    Raises:
        OllamaProtocolError: for an error line, or a stream that ends without its last line.
        ValueError: for a line that is not a JSON object, or whose text is not a text.
    """
    stamp: int | None = None
    content, texts = [], []
    for stamp, text in stamped_lines:
        line = _object(text)
        response, thinking = _text(line, "response"), _text(line, "thinking")
        if response or thinking:
            content.append(stamp)
            texts.append(response)
        if _is_done(line):
            reason, report = printable(_text(line, "done_reason")), ServerReport.from_line(line)
            thought = len(list(takewhile(lambda piece: not piece, texts)))
            whole = storable_text("".join(texts))
            return Generation(tuple(content), stamp, reason, report, thought=thought, text=whole)
    if stamp is None:
        raise OllamaProtocolError(EMPTY)
    raise OllamaProtocolError(
        "The stream ended without its last line. Ollama ends it like this if the model repeats itself."
    )


def read_embeddings(arrivals: Sequence[tuple[int, bytes]]) -> Embeddings:
    """Return the embeddings of an answer of /api/embed.

    Raises:
        OllamaProtocolError: for an error message or an empty answer.
        ValueError: for an answer of another shape.
    """
    if not arrivals:
        raise OllamaProtocolError(EMPTY)
    line = _object(b"".join(piece for _, piece in arrivals))
    vectors, stamp = line.get("embeddings"), arrivals[-1][0]
    if not isinstance(vectors, list):
        raise ValueError("the field embeddings is missing")  # noqa: TRY004 - a wrong value, not a wrong call
    return Embeddings(sum(map(_is_vector, vectors)), Generation((stamp,), stamp, "", ServerReport.from_line(line)))


def _object(text: bytes) -> Json:
    line = parse_object(text)
    if "error" in line:
        raise OllamaProtocolError(f"The server ended the stream with: {printable(line['error'])}. Its log has more.")
    return line


def _text(line: Json, name: str) -> str:
    """Return a field of a line; missing and null are empty.

    Raises:
        ValueError: for another value that is not a text.
    """
    value = line.get(name)
    if not isinstance(value, str | None):
        raise ValueError(f"{name} is {value!r:.80}")  # noqa: TRY004 - a wrong value, not a wrong call
    return value or ""


def _is_done(line: Json) -> bool:
    """Return whether this is the last line.

    Raises:
        ValueError: if `done` is neither missing nor a boolean.
    """
    done = line.get("done")
    if not isinstance(done, bool | None):
        raise ValueError(f"done is {done!r:.80}")  # noqa: TRY004 - a wrong value, not a wrong call
    return done or False


def _is_vector(found: object) -> bool:
    return (
        isinstance(found, list)
        and bool(found)
        and all(type(number) in NUMBERS and isfinite(number) for number in found)
    )
