"""Code that at least two of Gait's processes share. It imports none of them."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
"""The folder that holds Gait's packages: the repository, or the site-packages of an environment."""
