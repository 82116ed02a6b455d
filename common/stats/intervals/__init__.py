"""Intervals: how precisely a median, a percentile or a share is known."""
