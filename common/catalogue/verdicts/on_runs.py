"""Verdicts on a run."""

from dataclasses import replace

from common.catalogue.verdicts.verdict_type import Grade, Severity, VerdictType

CLOCK_JUMPED = VerdictType(
    "clock-jumped",
    Severity.REJECTS,
    "The system's time was changed during a run.",
    "Check the machine's time synchronisation, and that it does not sleep.",
    {"jump": "ms"},
)
CLOCKS_DISAGREE = VerdictType(
    "clocks-disagree",
    Severity.FLAGS,
    "The server reports more time than passed at the client.",
    "Trust the client's times, and update Ollama if this repeats.",
    {"client": "ms", "server": "ms"},
    Grade.DISTURBED,
)
EMBEDDINGS_MISSING = VerdictType(
    "embeddings-missing",
    Severity.REJECTS,
    "The number of vectors in the answer differs from the number of inputs.",
    "Update Ollama if this repeats.",
    {"embeddings": "", "wanted": ""},
)
FIELDS_DISAGREE = VerdictType(
    "fields-disagree",
    Severity.FLAGS,
    "The server's own times contradict each other.",
    "Trust the client's times, and update Ollama if this repeats.",
    {"total": "ms", "load": "ms", "prompt": "ms", "eval": "ms", "residual": "ms"},
    Grade.DISTURBED,
)
FIELDS_INVALID = VerdictType(
    "fields-invalid",
    Severity.FLAGS,
    "The server sent values that cannot be counts or durations.",
    "Update Ollama, or check any proxy in between. The metrics from these fields are unknown.",
    {"fields": ""},
)
NO_ANSWER = VerdictType(
    "no-answer",
    Severity.FLAGS,
    "The model was still thinking when its tokens were used up.",
    "Raise outputTokens.",
    {"outputTokens": "tokens", "doneReason": ""},
)
OFFLOAD_IGNORED = VerdictType(
    "offload-ignored",
    Severity.FLAGS,
    "The server did not follow the requested number of GPU layers.",
    "Do not compare these points: the server's engine ignores num_gpu for this model.",
    {"layers": "", "vramShare": "%"},
    Grade.DISTURBED,
)
OTHER_MODEL = VerdictType(
    "other-model",
    Severity.FLAGS,
    "Another model was in memory too.",
    "Unload it (ollama stop NAME) to measure this model alone.",
    {"models": "bytes"},
    Grade.DISTURBED,
)
OUTPUT_LENGTH = VerdictType(
    "output-length",
    Severity.REJECTS,
    "The answer has another number of tokens than requested.",
    "No action is needed: Gait tries another prompt, because the model ended its answer early.",
    {"doneReason": "", "outputTokens": "tokens", "wanted": "tokens"},
)
OUTPUT_COUNT = replace(
    OUTPUT_LENGTH,
    advice="Update Ollama if this repeats: the server stopped at the limit, and counted another number of tokens.",
)
PAGE_CACHE_COLD = VerdictType(
    "page-cache-cold",
    Severity.FLAGS,
    "Part of the model's file was missing from the page cache at a start from the page cache.",
    "Stop other programs: the RAM is too small for the file beside them, so each start reads from disk.",
    {"cached": "%"},
    Grade.DISTURBED,
)
PAGE_CACHE_WARM = VerdictType(
    "page-cache-warm",
    Severity.REJECTS,
    "The model's file was still in the page cache at a start from disk.",
    "Stop the other process that keeps the file in memory.",
    {"cached": "%"},
)
PROMPT_CACHED = VerdictType(
    "prompt-cached",
    Severity.REJECTS,
    "The server had part of the prompt in its cache.",
    "No action is needed: Gait tries another prompt.",
    {"cachedTokens": "tokens", "promptTokens": "tokens"},
)
PROMPT_COUNTS = VerdictType(
    "prompt-counts",
    Severity.FLAGS,
    "The server's counts of prompt tokens are impossible.",
    "Update Ollama, or check any proxy in between. Do not compare promptTokensPerSecond.",
    {"promptTokens": "tokens", "cachedTokens": "tokens", "contextLength": "tokens"},
    Grade.DISTURBED,
)
PROMPT_LENGTH = VerdictType(
    "prompt-length",
    Severity.REJECTS,
    "The server counted a different number of prompt tokens than were sent.",
    "Raise contextLength if this repeats: the prompt was cut, or came from the cache.",
    {"promptTokens": "tokens", "wanted": "tokens"},
)
RATES_DISAGREE = VerdictType(
    "rates-disagree",
    Severity.FLAGS,
    "The client and the server measured different rates.",
    "Look for a proxy or buffer between them. Or the server's fields have another meaning.",
    {"clientTokensPerSecond": "tokens/s", "decodeTokensPerSecond": "tokens/s"},
    Grade.DISTURBED,
)
READINGS_GAP = VerdictType(
    "readings-gap",
    Severity.FLAGS,
    "There were no readings of the machine during a part of a run, or all of it.",
    "Check that the sampler runs, and that its machine does not sleep. The readings of these runs are incomplete.",
    {"gap": "ms"},
    None,
)
RELOADED = VerdictType(
    "reloaded",
    Severity.REJECTS,
    "The model was not in memory before the run, or was loaded again during it.",
    "Stop other clients of this server. Check that it has enough memory, and lists its models under /api/ps.",
    {"loadedBefore": "", "loadTime": "ms", "warmUps": "ms"},
)
REQUEST_FAILED = VerdictType(
    "request-failed",
    Severity.REJECTS,
    "The server failed in a way that may be temporary.",
    "Look into the server's log if this repeats. Gait tries again.",
    {"error": ""},
)
REQUESTS_LEFT_OUT = VerdictType(
    "requests-left-out",
    Severity.FLAGS,
    "Some requests of a load did not count, and are in no metric.",
    "No action is needed: the answers ended early, or the server failed for a moment.",
    {"leftOut": "requests", "requests": "requests", "reasons": ""},
)
STILL_LOADED = VerdictType(
    "still-loaded",
    Severity.REJECTS,
    "The model was in memory although it should not have been.",
    "Stop other clients of this server: one of them loaded the model.",
    {"loadedBefore": ""},
)
