"""Statistics: summaries, comparison, change points."""
