"""What a reader must know before the numbers: what is not comparable, what failed, and what is not to be trusted."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from api.conclusions.comparisons.alternatives import Names
from api.conclusions.comparisons.compared_tests import ComparedTest
from api.conclusions.comparisons.comparison import Comparison
from api.conclusions.comparisons.evaluation.obstacles import REPLACED
from common.catalogue.verdicts.verdict_type import Grade

MAX_NAMED = 4


@dataclass(frozen=True)
class Notice:
    """A sentence that stands once, however many results it is about. `is_replaced` says that digests differ."""

    text: str
    is_replaced: bool = False


def notices(comparison: Comparison) -> Iterator[Notice]:
    """Yield the notices of a comparison, gravest first."""
    yield from _not_comparable(comparison.tests, comparison.names)
    yield from _failed(comparison.tests, comparison.names)
    yield from _disturbed(comparison)


def _not_comparable(tests: Sequence[ComparedTest], names: Names) -> Iterator[Notice]:
    found = [
        (reason, names.titles[letter], test.name)
        for test in tests
        for letter, reasons in test.obstacles.items()
        for reason in reasons
    ]
    for title, reason in dict.fromkeys((title, reason) for reason, title, _ in found):
        types = [name for why, whose, name in found if (whose, why) == (title, reason)]
        text = f"{title} is not comparable with the baseline in {_listed(types)}: {reason}."
        yield Notice(f"{text} These numbers get no verdict.", reason == REPLACED)


def _failed(tests: Sequence[ComparedTest], names: Names) -> Iterator[Notice]:
    found = [
        (message, f"{names.full(letter)} ({test.name})") for test in tests for letter, message in test.failed.items()
    ]
    for message in dict.fromkeys(message for message, _ in found):
        yield Notice(f"No results of {_listed(what for why, what in found if why == message)}: {message}")


def _disturbed(comparison: Comparison) -> Iterator[Notice]:
    grades = [
        (comparison.names.titles[letter], grade)
        for test in comparison.tests
        for letter, grade in comparison.grades(test.name).items()
    ]
    titles = [title for title, grade in grades if grade == Grade.DISTURBED]
    for title in dict.fromkeys(titles):
        count = titles.count(title)
        results = "1 result" if count == 1 else f"{count} results"
        yield Notice(
            f"{results} of {title} {'was' if count == 1 else 'were'} disturbed (▲). Do not rely on what they show."
        )


def _listed(found: Iterable[str]) -> str:
    """Return the first of them as a list in words, each once, and how many more there are."""
    each = list(dict.fromkeys(found))
    more = f" and {len(each) - MAX_NAMED} more" if len(each) > MAX_NAMED else ""
    return f"{', '.join(each[:MAX_NAMED])}{more}"
