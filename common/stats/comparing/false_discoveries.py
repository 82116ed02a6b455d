"""Many differences at once: which of them stay clear.

Source: Benjamini and Hochberg, Controlling the false discovery rate (1995). It also holds for differences that depend
on each other positively, such as those of several points of one session (Benjamini and Yekutieli, The control of the
false discovery rate in multiple testing under dependency, 2001).
"""

from collections.abc import Sequence


def clear(doubts: Sequence[float]) -> list[bool]:
    """Return for each difference whether it stays clear among all of them.

    A doubt is a p-value divided by the level at which its difference is clear by itself. Among the differences that
    stay clear, the expected share of false ones is at most the largest of these levels. If nothing was changed at all,
    that is the probability of any clear difference.
    """
    ranked = sorted(doubts)
    most = max((doubt for rank, doubt in enumerate(ranked, start=1) if doubt * len(ranked) <= rank), default=-1.0)
    return [doubt <= most for doubt in doubts]
