"""Output of `gait admin`: sentences at 80 columns, and JSON for programs."""

import sys
import textwrap
from collections.abc import Callable, Mapping, Sequence

import click

from cli.invocation import print_json
from common.values.escaped import escaped

WIDTH = 80
MB = 1e6

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def say(text: str, *, err: bool = False) -> None:
    """Print a sentence in lines that break no word."""
    click.echo(textwrap.fill(escaped(text), WIDTH, break_long_words=False, break_on_hyphens=False), err=err)


def answer(document: Mapping[str, object], sentence: str, *, as_json: bool) -> None:
    """Print what was done, for programs or for people."""
    if as_json:
        print_json(document)
    else:
        say(sentence)


def table(rows: Sequence[Sequence[str]]) -> None:
    """Print rows in columns. The first row has the titles."""
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    for row in rows:
        cells = [escaped(cell).ljust(widths[place]) for place, cell in enumerate(row)]
        click.echo("  ".join(cells).rstrip())


def progress() -> Callable[[float], None]:
    """Return a function that shows the share that is done, if a person looks at it."""
    if not sys.stderr.isatty():
        return _show_nothing
    return _show


def _show(share: float) -> None:
    click.echo(f"\r{share:4.0%}", nl=share >= 1, err=True)


def _show_nothing(_share: float) -> None:
    pass


def count(number: int, noun: str) -> str:
    """Return `1 session` or `2 sessions`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
