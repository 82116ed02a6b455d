"""Readings of the machine under test, before and during runs."""
