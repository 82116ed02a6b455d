"""`gait regressions` and `gait acknowledge`: results that have changed for good, and who knows of them."""

import click

from cli.errors import WrongUsage
from cli.invocation import ApiCommand, Invocation, current
from cli.rendering.conclusions import regressions as rendering
from cli.server.client import Client
from common.values.escaped import escaped
from common.values.free_json import Json

MAX_LISTED = 1000


@click.command(cls=ApiCommand)
@click.option("--outcome", type=click.Choice(["worse", "better", "all"]), default="worse", show_default=True)
@click.option("--state", type=click.Choice(["open", "over", "all"]), default="open", show_default=True)
@click.option("--acknowledged/--new", default=None, help="Only those that somebody has acknowledged, or only others.")
@click.option("--model", "modelName", help="Only those of this model.")
@click.option("--test-type", "-t", "testType", help="Only those of this test type.")
@click.option("--host", help="Only those on this host.")
@click.option("--limit", type=click.IntRange(1, MAX_LISTED), default=100, show_default=True)
@current
def regressions(gait: Invocation, /, **filters: object) -> None:
    """List lasting changes for the worse, the most recently found first. --outcome better lists improvements."""
    gait.show(gait.client.get("/regressions", **filters), rendering.rendered)


@click.command(cls=ApiCommand)
@click.argument("regression")
@click.option("--note", help="What you decided; an empty one removes it.")
@click.option("--undo", is_flag=True, help="Let it count as new again.")
@current
def acknowledge(gait: Invocation, regression: str, *, note: str | None, undo: bool) -> None:
    """Mark a regression as known. REGRESSION is its id or the id's beginning.

    It stays open until a later session shows that it is over.
    """
    found = _found(gait.client, regression)
    changed: Json = {"acknowledged": not undo} | ({} if note is None else {"note": note or None})
    gait.show(gait.client.patch(f"/regressions/{found['id']}", changed), rendering.one)


def _found(client: Client, beginning: str) -> Json:
    """Return the only regression whose id begins so."""
    known = client.listed("/regressions", "regressions", state="all")
    meant = [each for each in known if each["id"].startswith(beginning.lower())]
    if len(meant) == 1:
        return meant[0]
    how_many = f"{len(meant)} ids begin" if meant else "No id of a regression begins"
    raise WrongUsage(f"{how_many} with {escaped(beginning)}. `gait regressions --state all` shows the ids.")
