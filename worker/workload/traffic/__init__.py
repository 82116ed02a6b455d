"""Loads of many requests at once, and the part of them that is measured."""
