"""The colours of models: each model has one of twelve, the same on all pages. styles/colours.css has their values.

Models get the colours in the order in which they were first measured, so a new model changes no other's colour. Charts
of what is not a model use the same colours in their order.
"""

from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from zlib import crc32

from flask import g, has_app_context

from common.errors import Unavailable
from common.store.earlier import history

COLOURS = 12

_numbers: dict[str, int] = {}
"""The numbers of the models that were measured. They stay while the process runs, even if sessions are deleted."""


def model_colour(model: str) -> str:
    """Return the class that gives a model its colour."""
    return colour_class(_number(model))


def model_series(models: Iterable[str]) -> dict[str, int]:
    """Return the number of each model's series in a chart: its colour, and a multiple of COLOURS.

    Models of one colour have different multiples, and so different dashes and symbols.
    """
    before = Counter[int]()
    found: dict[str, int] = {}
    for model in dict.fromkeys(models):
        colour = _number(model) % COLOURS
        found[model] = colour + COLOURS * before[colour]
        before[colour] += 1
    return found


def colour_class(series: int) -> str:
    """Return the class that gives a series its colour."""
    return f"model-{series % COLOURS + 1}"


def cycle(series: int) -> int:
    """Return how often the colours repeat before a series."""
    return series // COLOURS


def _number(model: str) -> int:
    """Return the number of a model. One that was never measured has a number that follows from its name."""
    if model not in _numbers:
        _read()
    return _numbers.get(model, crc32(model.encode()))


def _read() -> None:
    """Give numbers to the models that are new, once in a request."""
    if not has_app_context() or "has_read_models" in g:
        return
    g.has_read_models = True
    with suppress(Unavailable):  # the pages without colours of their own are better than none
        for model in history.models_by_age():
            _numbers.setdefault(model, len(_numbers))
