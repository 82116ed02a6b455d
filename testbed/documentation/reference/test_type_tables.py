"""The tables of the test types and their options."""

from common.catalogue.effort import DESCRIPTIONS
from common.catalogue.options import Option
from common.catalogue.test_type import AnswerKind, TestType
from common.catalogue.test_types import TEST_TYPES, cache_and_memory, many_users, one_request
from testbed.documentation.reference.markdown import code, table

PAGES = {
    test_type.name: page
    for page, family in (
        ("one-request.md", one_request),
        ("cache-and-memory.md", cache_and_memory),
        ("many-users.md", many_users),
    )
    for test_type in family.DECLARED
}


def test_types() -> str:
    """Return a row for each test type, in the order of the documents."""
    head = ("type", "question", "answer", "headline metric", "shown beside it", "represented by")
    return table(head, [_type(TEST_TYPES[name], page) for name, page in PAGES.items()])


def options() -> str:
    """Return the options of each test type, under its name."""
    return "\n\n".join(f"### Options of `{name}`\n\n{_options(TEST_TYPES[name])}" for name in PAGES)


def efforts() -> str:
    """Return what each effort means."""
    return table(("effort", "meaning"), [(code(effort), meaning) for effort, meaning in DESCRIPTIONS.items()])


def _type(test_type: TestType, page: str) -> tuple[str, ...]:
    name = f"[`{test_type.name}`]({page}#{test_type.name})"
    metrics = (_answer(test_type), code(test_type.headline), code(*test_type.beside))
    return name, test_type.question, *metrics, test_type.represented_by


def _answer(test_type: TestType) -> str:
    rule = test_type.answer
    if rule is None:
        return code(test_type.headline)
    words = {
        AnswerKind.MAIN_POINT: "",
        AnswerKind.LARGEST: ", the largest",
        AnswerKind.KEPT: " of the last point in percent of the first",
    }
    return f"{code(rule.metric)}{words[rule.kind]}"


def _options(test_type: TestType) -> str:
    head = ("option", "unit", "default", "range", "meaning")
    return table(head, [_option(option) for option in test_type.options])


def _option(option: Option) -> tuple[str, ...]:
    values = option.default if isinstance(option.default, tuple) else (option.default,)
    default = ", ".join("null" if value is None else str(value) for value in values) or "empty"
    several = "; takes a list" if option.multiple else ""
    return (
        code(option.name),
        option.unit,
        default,
        f"{option.minimum} to {option.maximum}",
        option.description + several,
    )
