"""The page that shows a model over time."""
