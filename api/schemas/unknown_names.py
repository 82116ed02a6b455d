"""The problem with an unknown name, which lists the known ones."""

import re
from collections.abc import Sequence
from difflib import get_close_matches

NO_LETTER = re.compile(r"[\W_]")
MIN_LIKENESS = 0.65
"""Of a name that is proposed instead. `offset` and `host` have 0.6."""


def unknown_name(name: str, known: Sequence[str]) -> str:
    """Return `is unknown. Use modelName. Known are …`, with the nearest of the known names if one is near."""
    by_letters = {_letters(each): each for each in known}
    near = get_close_matches(_letters(name), by_letters, 1, MIN_LIKENESS)
    advice = f" Use {by_letters[near[0]]}." if near else ""
    return f"is unknown.{advice} Known are {', '.join(known)}." if known else "is unknown. None are known here."


def _letters(name: str) -> str:
    """Return the letters of a name, so that `model_name` and `modelname` are near `modelName`."""
    return NO_LETTER.sub("", name).casefold()
