"""Verdicts on a test as a whole, or on one of its points."""

from dataclasses import replace

from common.catalogue.verdicts.verdict_type import (
    FRACTION,
    METRIC_UNIT,
    METRIC_UNIT_PER_RUN,
    Grade,
    Severity,
    VerdictType,
)

COUNTS_TOO_HIGH = VerdictType(
    "counts-disagree",
    Severity.FLAGS,
    "The server counts another number of tokens than it sends.",
    "The rates are too high by the difference. Update Ollama, or check any proxy in between.",
    {"outputTokens": "tokens", "chunks": "", "difference": "%", "answers": ""},
    Grade.DISTURBED,
)
COUNTS_TOO_LOW = replace(
    COUNTS_TOO_HIGH,
    advice="The rates are too low by the difference. Update Ollama, or check any proxy in between.",
)
CPU_SLOWED = VerdictType(
    "cpu-slowed",
    Severity.FLAGS,
    "The frequency of the processors fell during the runs.",
    "Check cooling, power limits and power settings.",
    {"first": "MHz", "last": "MHz"},
    Grade.DISTURBED,
)
DRIFTING_FASTER = VerdictType(
    "drifting",
    Severity.FLAGS,
    "The runs became faster or slower over time.",
    "Run the test again, or with more repetitions. It became faster, so the machine was still warming up.",
    {
        "metric": "",
        "slope": METRIC_UNIT_PER_RUN,
        "low": METRIC_UNIT_PER_RUN,
        "high": METRIC_UNIT_PER_RUN,
        "share": "%",
    },
    Grade.NOISY,
)
DRIFTING_SLOWER = replace(
    DRIFTING_FASTER,
    advice="Check temperature, clocks and load. It became slower, by throttling or by other work that began.",
)
FEW_CHUNKS = VerdictType(
    "few-chunks",
    Severity.FLAGS,
    "The answers have at most half as many chunks as tokens.",
    "Do not take interChunkLatency and timeToFirstToken for times of a token. If the server does not send several "
    "tokens at once, its counts and rates are too high.",
    {"outputTokens": "tokens", "chunks": "", "difference": "%", "answers": ""},
)
FOREIGN_LOAD = VerdictType(
    "foreign-load",
    Severity.FLAGS,
    "Other programs were busy before the test began.",
    "Stop other programs on this machine, then run the test again.",
    {"foreignCpu": "%", "gpu": "%", "processes": "%", "readings": ""},
    Grade.DISTURBED,
)
FOREIGN_LOAD_DURING = VerdictType(
    "foreign-load-during",
    Severity.FLAGS,
    "Other programs were busy during the runs.",
    "Stop other programs on this machine, then run the test again.",
    {"foreignCpu": "%", "cpu": "%", "foreignGpu": "%", "foreignVram": "bytes", "processes": "%", "readings": ""},
    Grade.DISTURBED,
)
INTERRUPTED = VerdictType(
    "interrupted",
    Severity.FLAGS,
    "The test was interrupted, and the machine cooled down meanwhile.",
    "No action is needed if the counted time is enough: the comparison uses only the runs after the last pause.",
    {"pauses": "", "longest": "ms", "counted": "ms"},
    Grade.NOISY,
)
MACHINE_CHANGED = VerdictType(
    "machine-changed",
    Severity.FLAGS,
    "The machine's hardware, firmware or system was changed while the session ran.",
    "Run the session again. Results from before and after the change are not comparable.",
    {"before": "", "after": ""},
    Grade.DISTURBED,
)
MODEL_CHANGED = VerdictType(
    "model-changed",
    Severity.FLAGS,
    "The model was pulled or created again after the session was submitted.",
    "No action is needed: the session shows the digest that was measured.",
    {"submitted": "", "measured": ""},
)
NEVER_IDLE = VerdictType(
    "never-idle",
    Severity.FLAGS,
    "Ollama kept working on earlier requests, and the runs may have been measured beside them.",
    "Stop other clients of this server or restart it, then run the test again.",
    {"model": "", "waited": "ms"},
    Grade.DISTURBED,
)
NO_READINGS = VerdictType(
    "no-readings",
    Severity.FLAGS,
    "There were no readings of the machine during the runs.",
    "Start the sampler on the machine under test.",
    {"readings": ""},
    None,
)
ON_BATTERY = VerdictType(
    "on-battery",
    Severity.FLAGS,
    "The machine ran on battery.",
    "Connect it to power, then run the test again.",
    {"percent": "%", "onBattery": "%", "readings": ""},
    Grade.DISTURBED,
)
PARTLY_ON_CPU = VerdictType(
    "partly-on-cpu",
    Severity.FLAGS,
    "Part of the model is not on the GPU.",
    "Use a smaller quantisation or a shorter context, so that the model fits the GPU.",
    {"size": "bytes", "sizeVram": "bytes"},
)
POINTS_LEFT_OUT = VerdictType(
    "points-left-out",
    Severity.FLAGS,
    "Some of the requested points do not fit into the model's context.",
    "No action is needed: the other points were measured.",
    {"points": "", "contextLength": "tokens"},
)
RUNS_REJECTED = VerdictType(
    "runs-rejected",
    Severity.FLAGS,
    "Some runs did not count and were repeated.",
    "Read the test's log, which has the reason for each.",
    {"rejected": "", "counted": "", "rejectionRate": FRACTION},
)
SERVER_CHANGED = VerdictType(
    "server-changed",
    Severity.FLAGS,
    "Another version of Ollama ran, or other settings applied, than when the session began.",
    "Run the session again. Results from before and after the change are not comparable.",
    {"before": "", "after": ""},
    Grade.DISTURBED,
)
SWAPPING = VerdictType(
    "swapping",
    Severity.FLAGS,
    "The machine ran out of memory and used its disk instead.",
    "Stop other programs, or use a smaller model.",
    {"swapUsed": "bytes", "growth": "bytes", "share": "%"},
    Grade.DISTURBED,
)
THROTTLED = VerdictType(
    "throttled",
    Severity.FLAGS,
    "A GPU lowered its clocks.",
    "Check its cooling and its power limit (nvidia-smi -q -d PERFORMANCE).",
    {"reasons": "%", "readings": ""},
    Grade.DISTURBED,
)
UNSETTLED = VerdictType(
    "unsettled",
    Severity.FLAGS,
    "The median is not known as precisely as wanted.",
    "Stop other programs, or raise maxRepetitions, for a narrower interval.",
    {"halfWidth": FRACTION, "wanted": FRACTION, "runs": ""},
    Grade.NOISY,
)
UNSTABLE_WARM_UP = VerdictType(
    "unstable-warm-up",
    Severity.FLAGS,
    "The warm-ups did not settle.",
    "Stop other programs, then run the test again. The machine was still changing when the runs began.",
    {"last": METRIC_UNIT, "before": METRIC_UNIT},
    Grade.NOISY,
)
VRAM_DISAGREES = VerdictType(
    "vram-disagrees",
    Severity.FLAGS,
    "The GPU holds less of the model than the server reports.",
    "Look into the server's log. Or the model is on a GPU that is not from NVIDIA.",
    {"sizeVram": "bytes", "vram": "bytes", "foreignVram": "bytes", "readings": ""},
)
