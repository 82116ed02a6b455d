"""Comparisons, histories, rankings and regressions for a terminal."""
