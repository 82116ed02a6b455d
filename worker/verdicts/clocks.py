"""Verdicts on clocks: whether the client's clock, the server's fields and the system's time agree."""

from common.catalogue.verdicts import on_runs
from common.records.runs import Metrics
from common.values.units import NS_PER_MS
from worker.ollama.request_metrics import client_intervals, request_metrics, server_intervals
from worker.ollama.responses import Generation
from worker.verdicts import Verdict

JUMP_NS = 5_000_000
"""Setting the clock changes it by more."""
MAX_SLEW = 0.001
"""Share of the time by which a clock may run faster or slower than the hardware's, and durations with it.

The kernel corrects a clock by at most 500 ppm. A time service that corrects more changes durations noticeably.
"""
HEAD_START_NS = 1_000_000
"""The server's clock starts at the head of a request, the client's when its last byte was sent."""
RESIDUAL_NS = 1_000_000
"""Servers measure the parts in other processes and round them; a whole millisecond is not rounding."""
MAX_DIFFERENCE = 0.05
"""The two rates of a valid run are within 2 %; one interval too many makes 5 % at 20 tokens."""
MIN_CHUNKS = 16
EDGES_NS = 3_000_000
"""Only one of the two spans contains the server's work between sampling and sending of the first and last token."""
MAX_HIDDEN_TOKENS = 6
"""A character can be four tokens, of which three are held back, at the beginning and at the end."""


def evaluate(generation: Generation) -> list[Verdict]:
    """Return each disagreement of the clocks about this answer."""
    found = (_total(generation), _jump(generation), _fields(generation), _rates(generation))
    return [verdict for verdict in found if verdict]


def _total(generation: Generation) -> Verdict | None:
    """Compare the whole durations. The client waits for the server, so its time cannot be shorter."""
    total = generation.server.total_ns
    if total is None or generation.done_ns + HEAD_START_NS >= total:
        return None
    evidence = {"client": generation.done_ns / NS_PER_MS, "server": total / NS_PER_MS}
    return Verdict.of(on_runs.CLOCKS_DISAGREE, evidence)


def _jump(generation: Generation) -> Verdict | None:
    """Check that the clock of the time stamps was neither set nor corrected too fast during the run."""
    if abs(generation.jump_ns) <= max(JUMP_NS, MAX_SLEW * generation.done_ns):
        return None
    return Verdict.of(on_runs.CLOCK_JUMPED, {"jump": generation.jump_ns / NS_PER_MS})


def _fields(generation: Generation) -> Verdict | None:
    """Compare the server's known parts with its total, which cannot be shorter."""
    server = generation.server
    if server.total_ns is None:
        return None
    parts = {"load": server.load_ns, "prompt": server.prompt_ns, "eval": server.output_ns}
    residual = server.total_ns - sum(part or 0 for part in parts.values())
    if residual >= -RESIDUAL_NS:
        return None
    times = {"total": server.total_ns, **parts, "residual": residual}
    evidence = {name: None if value is None else value / NS_PER_MS for name, value in times.items()}
    return Verdict.of(on_runs.FIELDS_DISAGREE, evidence)


def _rates(generation: Generation) -> Verdict | None:
    """Compare the decode rates. Both clocks saw the same tokens, as far as chunks show tokens."""
    found = request_metrics(generation)
    if len(generation.content_ns) < MIN_CHUNKS or not _apart(generation, found):
        return None
    evidence = {name: found[name] for name in ("clientTokensPerSecond", "decodeTokensPerSecond")}
    return Verdict.of(on_runs.RATES_DISAGREE, evidence)


def _apart(generation: Generation, found: Metrics) -> bool:
    """Return True if the rates differ by more than the tolerance and by more than the uncertainty."""
    client, server = found["clientTokensPerSecond"], found["decodeTokensPerSecond"]
    content, tokens, output_ns = generation.content_ns, generation.server.output_tokens, generation.server.output_ns
    if client is None or server is None or tokens is None or output_ns is None:
        return False
    hidden = min(max(0, tokens - len(content)), MAX_HIDDEN_TOKENS)
    each = output_ns / server_intervals(generation)
    uncertainty = EDGES_NS + hidden * each
    difference = abs(content[-1] - content[0] - client_intervals(generation) * each)
    return abs(client / server - 1) > MAX_DIFFERENCE and difference > uncertainty
