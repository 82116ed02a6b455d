"""The colours of models: each model has one of twelve, the same on all pages. styles/colours.css has their values.

The twelve models with most results have colours of their own. Others share theirs, and have marks of other shapes.
Models get the colours in the order in which they were first measured, so a new model changes no other's colour. Charts
of what is not a model use the same colours in their order.
"""

from collections.abc import Iterable
from contextlib import suppress
from itertools import count
from zlib import crc32

from flask import g, has_app_context

from common.errors import Unavailable
from common.store.earlier import history

COLOURS = 12
SHAPES = ("", "square", "triangle", "diamond")
"""Classes of marks, as those of charts/svg/shapes.py. The first is a circle."""

_numbers: dict[str, int] = {}
"""The numbers of the models that were measured. They stay while the process runs, even if sessions are deleted."""


def model_colour(model: str) -> str:
    """Return the classes that give a model its colour and the shape of its mark."""
    return mark_class(_number(model))


def model_series(models: Iterable[str]) -> dict[str, int]:
    """Return the number of each model's series in a chart: its colour, and a multiple of COLOURS.

    Models of one colour have different multiples, and so different dashes and symbols: those of their marks, if no
    other model of the chart has them.
    """
    found: dict[str, int] = {}
    for model in dict.fromkeys(models):
        own = _number(model) % (COLOURS * len(SHAPES))
        found[model] = next(series for series in count(own, COLOURS) if series not in found.values())
    return found


def colour_class(series: int) -> str:
    """Return the class that gives a series its colour."""
    return f"model-{series % COLOURS + 1}"


def mark_class(series: int) -> str:
    """Return the classes that give a series its colour, and its mark a shape that differs if the colours repeat."""
    shape = SHAPES[cycle(series) % len(SHAPES)]
    return f"{colour_class(series)} {shape}".rstrip()


def cycle(series: int) -> int:
    """Return how often the colours repeat before a series."""
    return series // COLOURS


def _number(model: str) -> int:
    """Return the number of a model. One that was never measured has a colour that follows from its name."""
    if model not in _numbers:
        _read()
    return _numbers.get(model, crc32(model.encode()) % COLOURS)


def _read() -> None:
    """Give numbers to the models that are new, once in a request."""
    if not has_app_context() or "has_read_models" in g:
        return
    g.has_read_models = True
    with suppress(Unavailable):  # the pages without colours of their own are better than none
        by_age = history.models_by_age()
        most = by_age if _numbers or len(by_age) <= COLOURS else history.most_measured(COLOURS)
        for model in sorted(by_age, key=lambda name: name not in most):
            _numbers.setdefault(model, len(_numbers))
