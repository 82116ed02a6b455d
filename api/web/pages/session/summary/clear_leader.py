"""The one whose interval is clearly better than all others."""

from collections.abc import Sequence
from math import inf

from common.catalogue.metrics.metric import Better
from common.stats.distribution import Bounds

Candidate = tuple[str, Bounds]
"""A model, and the 95 % interval of its value. An unknown bound counts as infinite."""


def ahead(candidates: Sequence[Candidate], better: Better) -> str | None:
    """Return the model whose interval is better than all others, None if there is none, or no competitor."""
    known = [(model, _finite(bounds)) for model, bounds in candidates if any(bound is not None for bound in bounds)]
    if better == "neither" or len(known) <= 1:
        return None
    sign = 1 if better == "higher" else -1
    ranked = sorted(known, key=lambda each: sign * (each[1][0] + each[1][1]), reverse=True)
    (best, (low, high)), (_, (next_low, next_high)) = ranked[:2]
    is_clear = low > next_high if sign > 0 else high < next_low
    return best if is_clear else None


def _finite(bounds: Bounds) -> tuple[float, float]:
    low, high = (inf if bound is None else bound for bound in bounds)
    return low, high
