"""Strict readers of what Gait writes for others."""
