"""What the sampler saw of one run: by its phases, at its peaks, and what each token took."""

from collections.abc import Sequence
from dataclasses import dataclass

from common.records.runs import Metrics, TelemetryRecord
from worker.machine.aggregates import aggregate, peaks
from worker.machine.energy import energy_in, per_token
from worker.machine.monitor import MachineMonitor
from worker.machine.request_phases import DECODE, PHASES, PREFILL, windows
from worker.procedure.attempt import Attempt
from worker.verdicts import Verdict, machine


@dataclass(frozen=True)
class RunTelemetry:
    """`metrics` are of the run as a whole, `record` is to be stored with it, `verdicts` are what the sampler's own
    conduct says of the run.
    """

    metrics: Metrics
    record: TelemetryRecord
    verdicts: list[Verdict]


def on(attempt: Attempt, monitor: MachineMonitor, warm_ups_ns: Sequence[int], *, warm: bool) -> RunTelemetry:
    """`warm` is whether the run was to begin with the model in memory; `warm_ups_ns` are the warm-ups' load durations.

    A reading that lies in the phases of several requests counts in each phase.
    """
    seen, phases = monitor.readings(*attempt.window), attempt.phases(warm_ups_ns)
    times = {name: windows(phases, name) for name in PHASES}
    whole = energy_in(seen, windows(phases, PREFILL, DECODE))
    tokens = sum(request_result.generation.server.output_tokens for request_result in attempt.result.request_results)
    record: TelemetryRecord = {
        "phases": [phase.record() for phase in phases],
        "observed": {name: aggregate(seen, time) for name, time in times.items() if time},
        "peaks": peaks(seen.within(*attempt.window)),
        "usage": monitor.usage(seen, *attempt.window, warm=warm).describe(),
    }
    idle = monitor.idle.energy if monitor.idle else None
    gap = machine.readings_gap(seen.longest_gap(*attempt.window), seen.period)
    return RunTelemetry(per_token(whole, idle, tokens), record, [gap] if gap else [])
