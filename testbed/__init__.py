"""Real servers, doubles and helpers that tests and benches share. The product never imports them."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
"""The repository."""
