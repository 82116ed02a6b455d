"""Clauses that say the evidence of each verdict in words.

`{name}` is a field of the evidence, with its unit. A clause with a field that is unknown is left out.
"""

from collections.abc import Mapping
from string import Formatter

CLAUSES: Mapping[str, tuple[str, ...]] = {
    "clock-jumped": ("the clock jumped by {jump}",),
    "clocks-disagree": ("the client measured {client}", "the server reports {server}"),
    "counts-disagree": (
        "the server counts {outputTokens}",
        "it sent {chunks} chunks",
        "the difference is {difference}",
    ),
    "cpu-slowed": ("the frequency was {first} in the first runs", "{last} in the last ones"),
    "drifting": (
        "{metric} changed by {slope}",
        "the interval reaches from {low} to {high}",
        "this is {share} over all runs",
    ),
    "embeddings-missing": ("{wanted} vectors were requested", "{embeddings} came"),
    "few-chunks": ("the answers had {outputTokens}", "they came in {chunks} chunks"),
    "fields-disagree": (
        "the server reports {total} in total",
        "{load} for loading",
        "{prompt} for the prompt",
        "{eval} for the answer",
        "{residual} remain",
    ),
    "fields-invalid": ("it concerns {fields}",),
    "foreign-load": (
        "other programs used {foreignCpu} of the CPU",
        "the GPU was {gpu} busy",
        "the busiest: {processes}",
    ),
    "foreign-load-during": (
        "other programs used {foreignCpu} of the CPU",
        "they used {foreignGpu} of the GPU",
        "they held {foreignVram} of its memory",
        "the busiest: {processes}",
    ),
    "interrupted": ("there were {pauses} pauses", "the longest took {longest}", "{counted} counted"),
    "machine-changed": ("before it was {before}", "afterwards {after}"),
    "model-changed": ("the digest was {submitted} when the session was submitted", "{measured} when it was measured"),
    "never-idle": ("{model} was still busy after {waited}",),
    "no-answer": ("the answer ended after {outputTokens}", "Ollama's reason was {doneReason}"),
    "no-readings": (),
    "offload-ignored": ("{layers} layers were requested", "{vramShare} of the model was on the GPU"),
    "on-battery": ("it ran on battery in {onBattery} of the readings", "the charge was {percent}"),
    "other-model": ("also in memory was {models}",),
    "output-length": ("{wanted} were requested", "the answer had {outputTokens}", "Ollama's reason was {doneReason}"),
    "page-cache-cold": ("{cached} of the file was in the page cache",),
    "page-cache-warm": ("{cached} of the file was in the page cache",),
    "partly-on-cpu": ("{sizeVram} of its {size} are on the GPU",),
    "points-left-out": ("these were left out: {points}", "the context holds {contextLength}"),
    "prompt-cached": ("the prompt had {promptTokens}", "{cachedTokens} of them came from the cache"),
    "prompt-counts": (
        "the server counted {promptTokens} in the prompt",
        "{cachedTokens} of them from the cache",
        "the context holds {contextLength}",
    ),
    "prompt-length": ("{wanted} were sent", "the server counted {promptTokens}"),
    "rates-disagree": ("the client measured {clientTokensPerSecond}", "the server reports {decodeTokensPerSecond}"),
    "readings-gap": ("there were none for {gap}",),
    "reloaded": ("loading took {loadTime}", "it took {warmUps} in the warm-ups"),
    "request-failed": ("{error}",),
    "requests-left-out": ("{requests} were sent", "{leftOut} did not count", "because of {reasons}"),
    "runs-rejected": ("{rejectionRate} of the runs were rejected", "{counted} counted"),
    "server-changed": ("before it was {before}", "afterwards {after}"),
    "still-loaded": (),
    "swapping": ("{swapUsed} were in swap", "{share} of the RAM", "it grew by {growth} during the test"),
    "throttled": ("a GPU lowered its clocks in these shares of the readings: {reasons}",),
    "unsettled": ("the interval is ±{halfWidth} around the median after {runs} runs", "±{wanted} was wanted"),
    "unstable-warm-up": ("the last warm-up had {last}", "the one before {before}"),
    "vram-disagrees": (
        "the server reports {sizeVram}",
        "the GPU holds {vram} of it",
        "other programs hold {foreignVram}",
    ),
}


def fields_of(clause: str) -> list[str]:
    """Return the names of the fields that a clause needs."""
    return [name for _, name, _, _ in Formatter().parse(clause) if name]
