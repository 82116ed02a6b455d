"""The record of a run: the data behind its metrics, as `Run.record` stores it."""

from typing import NotRequired, TypedDict

from common.catalogue.test_type import Point
from common.records.machine import Observation, Peaks, PhaseRecord
from common.records.verdicts import VerdictRecord
from common.values.free_json import Json

Metrics = dict[str, float | None]
"""Metrics by name. An unknown one is None."""


class ServerRecord(TypedDict):
    """The server's fields of an answer: counts of tokens, and durations in nanoseconds. An unknown one is None."""

    total_ns: int | None
    load_ns: int | None
    prompt_tokens: int | None
    cached_tokens: int | None
    prompt_ns: int | None
    output_tokens: int | None
    output_ns: int | None


class RequestDetails(TypedDict, total=False):
    """What single test types keep of a request.

    cold-start: the share of the file in the page cache before it (`pageCache`). determinism: `prompt`, `text` with its
    `sha256`, and whether the server knew most of the prompt (`promptCached`). embedding: the number of `embeddings`.
    model-swap: the `partner`, and whether the model under test `stayed` in memory. thinking: how many chunks `thought`.
    """

    pageCache: float | None
    prompt: str
    text: str
    sha256: str
    promptCached: bool | None
    embeddings: int
    partner: str | None
    stayed: bool
    thought: int


class RequestRecord(RequestDetails):
    """A request of a run. `labels` distinguish it from the run's other requests: `{"turn": 2}`.

    `sentUs` is in microseconds since 1970, `lateUs` the delay beyond its scheduled time. `contentUs` and `doneUs` are
    the arrivals of the content and of the last line, in microseconds after `sentUs`, by `clock`.
    """

    labels: Point
    figures: Metrics
    sentUs: int | None
    lateUs: int | None
    contentUs: list[int]
    doneUs: int
    clock: str
    server: ServerRecord


class LoadedRecord(TypedDict):
    """A model in memory just before a run, with the fields of `common.ollama.client.LoadedModel`."""

    name: str
    digest: str | None
    size: int | None
    size_vram: int | None
    context_length: int | None
    expires: str | None


class SoftwareRecord(TypedDict):
    """The model's digest and engine, and Ollama's version and settings: environment variables with their values.

    A variable that is not set is None. `settings` and `engine` are None if they are unknown. Earlier releases recorded
    no engine.
    """

    digest: str | None
    ollamaVersion: str | None
    engine: NotRequired[str | None]
    settings: dict[str, str | None] | None


class TelemetryRecord(TypedDict):
    """What the machine did during a run: the phases of its requests, and by phase the `observed` levels."""

    phases: list[PhaseRecord]
    observed: dict[str, Observation]
    peaks: Peaks
    usage: Json


class RunRecord(TelemetryRecord):
    """The record of a run. `window` is [start, end] and `clockError` a bound, in ms of Redis's clock.

    `own` are the names of the metrics that belong to the run as a whole, and not to its requests. `main` is the label
    of the requests that represent the run, empty for all. `censored` are the names of metrics that are None because
    they are only known to be larger than all others. `rejected` are the verdicts that rejected earlier attempts. What
    an earlier release did not record is None, empty or missing.
    """

    seed: str
    software: SoftwareRecord | None
    loaded: list[LoadedRecord]
    window: list[int]
    clockError: float | None
    own: list[str]
    main: NotRequired[Point]
    censored: NotRequired[list[str]]
    requests: list[RequestRecord]
    verdicts: list[VerdictRecord]
    rejected: list[VerdictRecord]
