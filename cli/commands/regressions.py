"""`gait regressions`: results that have become worse for good."""

import click

from cli.invocation import ApiCommand, Invocation, current
from cli.rendering import regressions as rendering

MAX_LISTED = 1000


@click.command(cls=ApiCommand)
@click.option("--state", type=click.Choice(["open", "over", "all"]), default="open", show_default=True)
@click.option("--acknowledged/--new", default=None, help="Only those that somebody has acknowledged, or only others.")
@click.option("--model", "modelName", help="Only those of this model.")
@click.option("--test-type", "-t", "testType", help="Only those of this test type.")
@click.option("--host", help="Only those on this host.")
@click.option("--limit", type=click.IntRange(1, MAX_LISTED), default=100, show_default=True)
@current
def regressions(gait: Invocation, /, **filters: object) -> None:
    """List lasting changes for the worse, those found last first."""
    gait.show(gait.client.get("/regressions", **filters), rendering.rendered)
