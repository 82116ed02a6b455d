"""Reads of what is stored: a session, its runs, lists of sessions and results, totals."""
