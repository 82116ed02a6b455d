"""Questions at the terminal that yes or no answers."""

import sys

import click

from cli.progress.ctrl_c import CtrlC

ANSWERS = {"y": True, "yes": True, "n": False, "no": False}


def confirms(question: str, presses: CtrlC, *, otherwise: bool = False) -> bool:
    """Ask as click.confirm does, whose read can miss a Ctrl-C. An empty answer stands for `otherwise`.

    Raises:
        click.Abort: if the terminal is closed.
        KeyboardInterrupt: if Ctrl-C is pressed.
    """
    while True:
        click.echo(f"\n{question} [{'Y/n' if otherwise else 'y/N'}]: ", err=True, nl=False)
        while not presses.wait(1.0, sys.stdin):
            pass
        line = sys.stdin.readline()
        if not line:
            raise click.Abort
        answer = line.strip().lower()
        if not answer:
            return otherwise
        if answer in ANSWERS:
            return ANSWERS[answer]
        click.echo("Please answer y or n.", err=True)
