"""Evaluation of two tests: whether they are comparable, by which method, and with which verdict."""
