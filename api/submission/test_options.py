"""The options of a request's test types, checked against the catalogue."""

from api.http.responses.errors import refuse_fields
from common.catalogue.effort import Effort
from common.catalogue.options import InvalidOptions, Value
from common.catalogue.test_types import TEST_TYPES
from common.values.free_json import Json


def resolve_options(names: list[str], given: Json, effort: Effort) -> dict[str, dict[str, Value]]:
    """Return a value for each option of each test type. 422 for unknown names and for values out of range."""
    unknown = [name for name in names if name not in TEST_TYPES]
    if unknown:
        refuse_fields({"testTypes": [f"unknown: {', '.join(unknown)}; known are {', '.join(TEST_TYPES)}"]})
    resolved = {}
    problems: Json = {name: ["is not in testTypes"] for name in given if name not in names}
    for name in names:
        try:
            resolved[name] = TEST_TYPES[name].resolve(given.get(name, {}), effort)
        except InvalidOptions as error:
            problems[name] = {option: [problem] for option, problem in error.problems.items()}
    if problems:
        refuse_fields({"options": problems})
    return resolved
