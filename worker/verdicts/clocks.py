"""Do the client's clock, the server's fields and the system's time agree?"""

from common.records.runs import Metrics
from common.units import NS_PER_MS
from worker.ollama.request_metrics import queue_ns, request_metrics
from worker.ollama.responses import Generation
from worker.verdicts import Severity, Verdict

JUMP_NS = 5_000_000
"""Time servers nudge a clock by less than this within a run; what sets it sets it by more."""
HEAD_START_NS = 1_000_000
"""The server's clock starts at a request's head, the client's when its last byte has left."""
RESIDUAL_NS = 1_000_000
"""Servers take the parts' times in other processes and round them; a whole millisecond is no rounding."""
RATES_APART = 0.05
"""On a sound run the two rates are within 2 %; counting the intervals wrong makes 5 % at 20 tokens."""
CHUNKS_FROM = 16
EDGES_NS = 3_000_000
"""What the server does between sampling and sending, at the first token and the last, is in one span alone."""
HIDDEN_TOKENS = 6
"""A character can be four tokens, of which three are held back, at the beginning and at the end."""


def judge(generation: Generation) -> list[Verdict]:
    found = (_total(generation), _jump(generation), _fields(generation), _rates(generation))
    return [verdict for verdict in found if verdict]


def _total(generation: Generation) -> Verdict | None:
    """The client sees the server's whole work, so it cannot have taken less time than the server says."""
    if generation.done_ns + HEAD_START_NS >= generation.server.total_ns:
        return None
    evidence = {"client": generation.done_ns / NS_PER_MS, "server": generation.server.total_ns / NS_PER_MS}
    return Verdict("clocks-disagree", Severity.FLAGS, evidence, "the server claims more time than passed here")


def _jump(generation: Generation) -> Verdict | None:
    """The stamps are on a clock that can be set; a run during which it was set tells nothing."""
    if abs(generation.jump_ns) <= JUMP_NS:
        return None
    evidence = {"jump": generation.jump_ns / NS_PER_MS}
    advice = "the system's time was set during the run, or the machine slept"
    return Verdict("clock-jumped", Severity.REJECTS, evidence, advice)


def _fields(generation: Generation) -> Verdict | None:
    """The parts cannot have taken longer than the whole."""
    server, residual = generation.server, queue_ns(generation.server)
    if residual >= -RESIDUAL_NS:
        return None
    times = {"total": server.total_ns, "load": server.load_ns, "prompt": server.prompt_ns, "eval": server.output_ns}
    evidence = {name: value / NS_PER_MS for name, value in {**times, "residual": residual}.items()}
    advice = "the server's fields contradict each other; trust the client's times, and update Ollama if it stays so"
    return Verdict("fields-disagree", Severity.FLAGS, evidence, advice)


def _rates(generation: Generation) -> Verdict | None:
    """Both clocks saw the same tokens, so they have to tell one rate, as far as chunks show tokens."""
    found = request_metrics(generation)
    if len(generation.content_ns) < CHUNKS_FROM or not _apart(generation, found):
        return None
    evidence = {name: found[name] for name in ("clientTokensPerSecond", "decodeTokensPerSecond")}
    advice = "tokens came at another pace than the server says: a proxy or buffer between, or fields of another meaning"
    return Verdict("rates-disagree", Severity.FLAGS, evidence, advice)


def _apart(generation: Generation, found: Metrics) -> bool:
    client, server = found["clientTokensPerSecond"], found["decodeTokensPerSecond"]
    if client is None or server is None:
        return False
    content, spoken = generation.content_ns, generation.server
    intervals = spoken.output_tokens - 1
    hidden = min(max(0, spoken.output_tokens - len(content)), HIDDEN_TOKENS)
    in_doubt = EDGES_NS + hidden * spoken.output_ns / intervals
    difference = abs(content[-1] - content[0] - spoken.output_ns)
    return abs(client / server - 1) > RATES_APART and difference > in_doubt
