"""Counts in Redis for operators: how long tests and runs took, and how notifications ended."""
