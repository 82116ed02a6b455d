"""The colours of models: each model has one of twelve, the same on all pages. styles/colours.css has their values.

Charts of what is not a model use the same colours in their order.
"""

from collections import Counter
from collections.abc import Iterable
from zlib import crc32

COLOURS = 12


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
    return crc32(model.encode())
