"""What autocorrelated sessions take from a mean: a session resembles the one before it.

A night is warm, and so is the next. All of this package allows for a first-order autoregression with this coefficient,
because no history is long enough to estimate it. Less autocorrelation makes verdicts rarer, not wrong.
"""

RHO = 0.5
INFLATION = (1 + RHO) / (1 - RHO)
"""Variance of the mean of a long series, in that of independent sessions."""


def variance_of_mean(n: int) -> float:
    """Return the variance of the mean of `n` sessions in a row, in units of the variance of one."""
    return (n * (1 - RHO**2) - 2 * RHO * (1 - RHO**n)) / (n * (1 - RHO)) ** 2


def degrees_of_freedom(n: int) -> float:
    """Return the expected sum of squared deviations of `n` sessions in a row from their mean, in the same units."""
    return n * (1 - variance_of_mean(n))
