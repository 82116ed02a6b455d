"""Regressions, notifications and their receivers in the database."""
