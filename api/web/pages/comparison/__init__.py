"""The page that compares sessions or models."""
