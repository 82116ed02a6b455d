"""The tables of the verdicts and the grades."""

from types import ModuleType

from common.catalogue.grades import SENTENCES, WORST_FIRST
from common.catalogue.verdicts import VERDICTS, on_runs, on_tests
from common.catalogue.verdicts.verdict_type import Grade, Severity, VerdictType
from testbed.documentation.reference.markdown import code, table


def on_a_run() -> str:
    """Return a row for each verdict on a run."""
    return _verdicts(on_runs)


def on_the_test() -> str:
    """Return a row for each verdict on a test."""
    return _verdicts(on_tests)


def grades() -> str:
    """Return what each grade means, and the verdicts that lead to it."""
    return table(
        ("grade", "meaning", "verdicts"), [(_name(each), SENTENCES[each], _leading(each)) for each in WORST_FIRST]
    )


def _verdicts(module: ModuleType) -> str:
    declared: dict[str, list[VerdictType]] = {}
    for each in vars(module).values():
        if isinstance(each, VerdictType):
            declared.setdefault(each.name, []).append(each)
    head = ("name", "severity", "best grade", "what happened", "what to do")
    return table(head, [_row(variants) for variants in declared.values()])


def _row(variants: list[VerdictType]) -> tuple[str, ...]:
    """Return the row of a verdict, whose sentence and advice may have variants."""
    verdict = variants[0]
    best = _name(verdict.grade) if verdict.severity is Severity.FLAGS else "–"
    texts = (dict.fromkeys(texts) for texts in zip(*((each.sentence, each.advice) for each in variants), strict=True))
    return code(verdict.name), verdict.severity, best, *(" Or: ".join(each) for each in texts)


def _leading(grade: Grade | None) -> str:
    if grade is Grade.CLEAN:
        return "the others, or none"
    flags = (each for each in VERDICTS.values() if each.severity is Severity.FLAGS)
    return code(*(each.name for each in flags if each.grade == grade))


def _name(grade: Grade | None) -> str:
    return code(grade or "null")
