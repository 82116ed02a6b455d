"""Checks of an installation: each yields findings, and changes nothing."""
