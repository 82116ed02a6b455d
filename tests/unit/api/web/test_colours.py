"""The colours of models can be distinguished: on light and dark pages, and by people who see fewer colours."""

import re
from itertools import combinations

import pytest

from api.web.assets import STATIC
from api.web.pages.presentation.colours import COLOURS, colour_class, mark_class, model_colour, model_series

Triple = tuple[float, float, float]
Matrix = tuple[Triple, Triple, Triple]

SEEN: dict[str, Matrix] = {
    "all": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "without red": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "without green": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "without blue": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
"""Linear RGB as people see it who lack a kind of cones: Machado, Oliveira and Fernandes, 2009."""
TO_CONES: Matrix = (
    (0.4122214708, 0.5363325363, 0.0514459929),
    (0.2119034982, 0.6806995451, 0.1073969566),
    (0.0883024619, 0.2817188376, 0.6299787005),
)
TO_OKLAB: Matrix = (
    (0.2104542553, 0.7936177850, -0.0040720468),
    (1.9779984951, -2.4285922050, 0.4505937099),
    (0.0259040371, 0.7827717662, -0.8086757660),
)
NOTICED = 0.02
"""A distance in OKLab that is just noticed."""
MIN_CONTRAST = 3.0
"""Of graphics on their background: WCAG 2.2, 1.4.11."""
CARDS = {"light": "#f7f8f6", "dark": "#171c21"}


def linear(colour: str) -> Triple:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return tuple(c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (red, green, blue))  # type: ignore[return-value] # three


def times(matrix: Matrix, values: Triple) -> Triple:
    return tuple(sum(a * b for a, b in zip(row, values, strict=True)) for row in matrix)  # type: ignore[return-value] # three


def oklab(values: Triple) -> Triple:
    red, green, blue = times(TO_CONES, values)
    return times(TO_OKLAB, tuple(max(cone, 0.0) ** (1 / 3) for cone in (red, green, blue)))


def contrast(one: str, other: str) -> float:
    luminances = [
        sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear(each), strict=True)) for each in (one, other)
    ]
    return (max(luminances) + 0.05) / (min(luminances) + 0.05)


def colours(scheme: str) -> list[str]:
    found = re.findall(r"--model-\d+: (#\w{6})", (STATIC / "styles/colours.css").read_text())
    assert len(found) == 2 * COLOURS
    return found[:COLOURS] if scheme == "light" else found[COLOURS:]


@pytest.mark.parametrize("scheme", CARDS)
@pytest.mark.parametrize("sight", SEEN)
def test_any_two_colours_can_be_told_apart(scheme: str, sight: str) -> None:
    seen = [oklab(times(SEEN[sight], linear(colour))) for colour in colours(scheme)]
    distances = [sum((a - b) ** 2 for a, b in zip(*pair, strict=True)) ** 0.5 for pair in combinations(seen, 2)]
    assert min(distances) > (3 * NOTICED if sight != "all" else 5 * NOTICED)


@pytest.mark.parametrize("scheme", CARDS)
def test_each_colour_stands_out_from_the_page(scheme: str) -> None:
    assert min(contrast(colour, CARDS[scheme]) for colour in colours(scheme)) >= MIN_CONTRAST


def test_models_of_one_page_that_share_a_colour_have_different_series() -> None:
    models = [f"model-{number}" for number in range(3 * COLOURS)]
    series = model_series([*models, *models])
    assert list(series) == models
    assert len(set(series.values())) == len(models)
    assert [colour_class(series[model]) for model in models] == list(map(model_colour, models))
    assert len({mark_class(number) for number in range(4 * COLOURS)}) == 4 * COLOURS
