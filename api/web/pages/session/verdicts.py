"""Verdicts as a reader needs them: what each says in a sentence, the numbers it rests on, and what to do."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from api.web.pages.comparison.samples import Measured
from api.web.pages.formatting import point_text
from api.web.pages.session import evidence
from common.records.verdicts import VerdictRecord

SENTENCES = {
    "clock-jumped": "The system's time was set during a run.",
    "clocks-disagree": "The server claims more time than passed at the client.",
    "cpu-slowed": "The processors' frequency fell during the runs.",
    "drifting": "The runs became faster or slower, one after the other.",
    "embeddings-missing": "The answer has not one vector for each input.",
    "fields-disagree": "The server's own times contradict each other.",
    "foreign-load": "Other programs were busy before the test began.",
    "foreign-load-during": "Other programs were busy during the runs.",
    "no-answer": "The model was still thinking when its tokens ran out.",
    "no-readings": "Nobody read the machine during the runs.",
    "offload-ignored": "The server placed the layers as it liked.",
    "on-battery": "The machine ran on battery.",
    "other-model": "Another model was in memory too.",
    "output-length": "The model ended its answer early.",
    "page-cache-cold": "A start from the page cache found the file not all there.",
    "page-cache-warm": "A start from disk found the file still in the page cache.",
    "partly-on-cpu": "Part of the model is not on the GPU.",
    "points-left-out": "Some of what was asked for does not fit into the model's context.",
    "prompt-cached": "The server knew part of the prompt.",
    "prompt-length": "The server counted another number of prompt tokens than were sent.",
    "rates-disagree": "The client and the server disagree on the rate.",
    "readings-gap": "For a while nobody read the machine.",
    "reloaded": "The model was loaded anew where it should have been in memory.",
    "request-failed": "The server failed in a way that may pass.",
    "runs-rejected": "Some runs did not count and were drawn again.",
    "still-loaded": "The model was in memory where it should not have been.",
    "swapping": "The machine ran out of memory and used its disk instead.",
    "throttled": "A GPU lowered its clocks.",
    "unsettled": "The median is known less well than to 2 %.",
    "unstable-warm-up": "The warm-ups did not settle.",
    "vram-disagrees": "The model is on the GPU less than the server says.",
}


@dataclass(frozen=True)
class Place:
    """Where a verdict befell: its `evidence` in words, the runs it befell, if any, in words too."""

    model: str
    point: str
    runs: str
    evidence: str


@dataclass(frozen=True)
class Told:
    """One verdict with one advice, wherever in a test type it befell."""

    name: str
    severity: str
    sentence: str
    advice: str
    places: Sequence[Place]


def told(tests: Iterable[Measured]) -> list[Told]:
    """The verdicts of tests, those that reject runs first; what is said of several models or points is said once."""
    found: dict[tuple[bool, str, str], list[tuple[VerdictRecord, Place]]] = {}
    for test in tests:
        for verdict in test.metrics.verdicts:
            key = (verdict["severity"] != "rejects", verdict["name"], verdict["advice"])
            found.setdefault(key, []).append((verdict, _place(test, verdict)))
    return [
        Told(name, some[0][0]["severity"], SENTENCES.get(name, ""), advice, [place for _, place in some])
        for (_, name, advice), some in sorted(found.items(), key=lambda each: each[0][:1])
    ]


@dataclass(frozen=True)
class Caution:
    """How many tests a verdict befell; `where` is the first test type among theirs."""

    name: str
    sentence: str
    tests: int
    where: str


def cautions(tests: Iterable[tuple[str, Measured]]) -> list[Caution]:
    """What befell tests, each with its type, the most frequent first."""
    befell: dict[str, list[str]] = {}
    for test_type, test in tests:
        for name in sorted({verdict["name"] for verdict in test.metrics.verdicts}):
            befell.setdefault(name, []).append(test_type)
    found = [Caution(name, SENTENCES.get(name, ""), len(types), types[0]) for name, types in befell.items()]
    return sorted(found, key=lambda caution: -caution.tests)


def _place(test: Measured, verdict: VerdictRecord) -> Place:
    runs = verdict.get("repetitions") or ()
    said = f"run{'s' * (len(runs) > 1)} {', '.join(map(str, runs))}" if runs else ""
    return Place(test.model, point_text(verdict.get("point")), said, evidence.told(verdict, test.headline))
