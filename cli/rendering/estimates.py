"""An estimate for a terminal."""

from collections.abc import Iterable

from rich.console import RenderableType
from rich.text import Text

from cli.rendering.tables import Column, FittedTable
from cli.rendering.values import quantity
from common.values.escaped import escaped
from common.values.free_json import Json
from common.values.units import joined


def rendered(document: Json) -> Iterable[RenderableType]:
    yield Text(f"Time for {document['tests']} tests: {_span(document)}. By effort:\n")
    rows = [(each["effort"], _span(each)) for each in document["efforts"]]
    yield FittedTable([Column("Effort"), Column("Time")], rows)
    for heading, tests in (("With other options", document["rough"]), ("Never measured", document["neverMeasured"])):
        if tests:
            named = ", ".join(f"{test['modelName']} {test['testType']}" for test in tests)
            yield Text()
            yield Text(escaped(f"{heading}, so this is rough: {named}"))


def _span(found: Json) -> str:
    if not found["high"]:
        return "unknown"
    return joined(quantity(found["low"], "ms"), quantity(found["high"], "ms"))
