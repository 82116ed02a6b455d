"""What to know before trusting a session's results: failures and verdicts, each once, the gravest first."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

from api.web.pages.presentation.formatting import capitalize_first, point_text
from api.web.pages.session.sections import ModelCell, TestTypeSection
from common.catalogue.grades import grade
from common.catalogue.verdicts import VERDICTS
from common.catalogue.verdicts.evidence import evidence_text
from common.catalogue.verdicts.verdict_type import Grade, Severity
from common.records.verdicts import VerdictRecord

FAILURE = "failed"
FAILURE_ADVICE = "The last lines of its log are below, and all of them under “Runs and logs”."


class Gravity(IntEnum):
    """How much a caution limits the trust in a result, the gravest first."""

    FAILED = 0
    DISTURBED = 1
    NOISY = 2
    UNKNOWN = 3
    HARMLESS = 4


BY_GRADE = {
    Grade.DISTURBED: Gravity.DISTURBED,
    Grade.NOISY: Gravity.NOISY,
    None: Gravity.UNKNOWN,
    Grade.CLEAN: Gravity.HARMLESS,
}


class CautionPlace(NamedTuple):
    """Where a caution applies, with its `evidence` as a sentence. `runs` are those that it is about, or empty."""

    test_type: str
    model: str
    point: str
    runs: str
    evidence: str

    @property
    def where(self) -> str:
        """The place in words, such as `tiny:latest, decode, run 3`."""
        return ", ".join(filter(None, (self.model, self.test_type, self.point, self.runs)))


@dataclass(frozen=True)
class Caution:
    """A failure, or verdicts with one advice, at all their places. `names` are those of the verdicts.

    `tests` is the number of tests that it applies to.
    """

    gravity: Gravity
    names: Sequence[str]
    sentences: Sequence[str]
    advice: str
    tests: int
    places: Sequence[CautionPlace]

    @property
    def is_failure(self) -> bool:
        return self.gravity == Gravity.FAILED

    @property
    def is_grave(self) -> bool:
        """Whether results are missing, or have a lower grade."""
        return self.gravity < Gravity.HARMLESS

    @property
    def mark(self) -> Grade | None:
        """The grade that the caution leads to; None if it is unknown."""
        return next((found for found, gravity in BY_GRADE.items() if gravity == self.gravity), None)


class _Found(NamedTuple):
    gravity: Gravity
    name: str
    sentence: str
    advice: str
    place: CautionPlace


def cautions(sections: Iterable[TestTypeSection]) -> list[Caution]:
    """Return the cautions on the tests of a session: the gravest first, and of those the most frequent."""
    by_advice: dict[tuple[Gravity, str], list[_Found]] = {}
    for found in (found for section in sections for cell in section.cells for found in _on(cell)):
        # Failures have one advice, and are distinguished by what failed.
        key = found.sentence if found.gravity == Gravity.FAILED else found.advice
        by_advice.setdefault((found.gravity, key), []).append(found)
    known = [_caution(same) for same in by_advice.values()]
    return sorted(known, key=lambda caution: (caution.gravity, -caution.tests))


def _caution(same: Sequence[_Found]) -> Caution:
    places = [found.place for found in same]
    return Caution(
        same[0].gravity,
        list(dict.fromkeys(found.name for found in same)),
        list(dict.fromkeys(found.sentence for found in same)),
        same[0].advice,
        len({(place.test_type, place.model) for place in places}),
        places,
    )


def _on(cell: ModelCell) -> Iterator[_Found]:
    if cell.status == FAILURE:
        message = capitalize_first(_closed(cell.test.message or "The test failed"))
        place = CautionPlace(cell.test.test_type, cell.model, "", "", "")
        yield _Found(Gravity.FAILED, FAILURE, message, FAILURE_ADVICE, place)
    for verdict in cell.verdicts:
        evidence = evidence_text(verdict, cell.headline_metric)
        place = CautionPlace(
            cell.test.test_type, cell.model, point_text(verdict.get("point")), _runs(verdict), evidence
        )
        advice = capitalize_first(_closed(verdict["advice"]))
        yield _Found(_gravity(verdict), verdict["name"], sentence(verdict), advice, place)


def _gravity(verdict: VerdictRecord) -> Gravity:
    return BY_GRADE[grade([verdict])]


def sentence(verdict: VerdictRecord) -> str:
    """Return what a verdict says; its name for a verdict of another release."""
    name = verdict["name"]
    text = VERDICTS[name].sentence if name in VERDICTS else f"{name}."
    return f"{text} The runs were repeated." if verdict["severity"] == Severity.REJECTS.value else text


def _runs(verdict: VerdictRecord) -> str:
    runs = verdict.get("repetitions") or ()
    return f"run{'s' * (len(runs) > 1)} {', '.join(map(str, runs))}" if runs else ""


def _closed(text: str) -> str:
    """Return a text with a full stop, which earlier releases left out."""
    return text if text.endswith((".", "!", "?")) else f"{text}."
