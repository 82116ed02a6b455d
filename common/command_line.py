"""Command lines of processes that take their settings from the environment."""

from argparse import ArgumentParser
from collections.abc import Iterable


def parser(module: str, purpose: str, settings: Iterable[str]) -> ArgumentParser:
    """Return a parser whose help lists the settings that the process reads. It refuses unknown arguments."""
    listed = ", ".join(settings)
    return ArgumentParser(
        prog=f"python -m {module}",
        description=purpose,
        epilog=f"Settings are environment variables, and this process reads {listed}. docs/settings.md explains them.",
        allow_abbrev=False,
    )
