"""`gait schedule`: sessions that are submitted at set times."""

from typing import Any

import click

from cli.arguments.session_body import body_of, session_options
from cli.errors import WrongUsage
from cli.invocation import ApiCommand, Invocation, current
from cli.rendering import schedules as rendering
from cli.rendering import sessions
from cli.server.client import Client
from common.values.escaped import escaped
from common.values.free_json import Json


@click.group()
def schedule() -> None:
    """Submit sessions at set times."""


@schedule.command("list", cls=ApiCommand)
@current
def list_schedules(gait: Invocation) -> None:
    """List the schedules, the newest first."""
    found = list(gait.client.listed("/schedules", "schedules"))
    gait.show({"schedules": found, "total": len(found), "page": 1, "limit": len(found)}, rendering.listed)


@schedule.command(cls=ApiCommand)
@session_options
@click.option("--cron", required=True, help="When: minute, hour, day of month, month, day of week, as in '30 2 * * *'.")
@click.option("--time-zone", help="The time zone of --cron, such as Europe/Berlin. Default: UTC.")
@click.option("--paused", is_flag=True, help="Store it, and submit nothing until it is resumed.")
@current
def add(gait: Invocation, /, *, cron: str, time_zone: str | None, paused: bool, **fields: Any) -> None:  # noqa: ANN401 - of many types
    """Submit a session that measures MODELs at each time that --cron names. --name names schedule and sessions."""
    body = {"name": fields["name"], "cron": cron, "timeZone": time_zone, "enabled": not paused}
    gait.show(gait.client.post_once("/schedules", {**body, "session": body_of(fields)}), rendering.whole)


@schedule.command(cls=ApiCommand)
@click.argument("name")
@current
def show(gait: Invocation, name: str) -> None:
    """Show a schedule: its next time, and what became of the last. NAME is its name, its id or the id's beginning."""
    gait.show(_found(gait.client, name), rendering.whole)


@schedule.command(cls=ApiCommand)
@click.argument("name")
@current
def pause(gait: Invocation, name: str) -> None:
    """Submit no more sessions until the schedule is resumed."""
    _enable(gait, name, enabled=False)


@schedule.command(cls=ApiCommand)
@click.argument("name")
@current
def resume(gait: Invocation, name: str) -> None:
    """Submit sessions again."""
    _enable(gait, name, enabled=True)


@schedule.command(cls=ApiCommand)
@click.argument("name")
@current
def run(gait: Invocation, name: str) -> None:
    """Submit the session of a schedule now, also if it is paused. Its times stay as they are."""
    found = _found(gait.client, name)
    gait.show(gait.client.post_once(f"/schedules/{found['id']}/run"), sessions.submitted)


@schedule.command(cls=ApiCommand)
@click.argument("name")
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@current
def delete(gait: Invocation, name: str, *, yes: bool) -> None:
    """Delete a schedule. Its sessions stay."""
    found = _found(gait.client, name)
    if not yes:
        click.confirm(f"Delete the schedule {escaped(found['name'] or found['id'])}?", abort=True, err=True)
    gait.show(gait.client.delete(f"/schedules/{found['id']}"), lambda _: [f"Schedule {found['id']} is deleted."])


def _enable(gait: Invocation, name: str, *, enabled: bool) -> None:
    found = _found(gait.client, name)
    gait.show(gait.client.patch(f"/schedules/{found['id']}", {"enabled": enabled}), rendering.whole)


def _found(client: Client, name: str) -> Json:
    """Return the only schedule with this name, or whose id begins so."""
    known = list(client.listed("/schedules", "schedules"))
    meant = [each for each in known if each["name"] == name] or [each for each in known if each["id"].startswith(name)]
    if len(meant) == 1:
        return meant[0]
    how_many = f"{len(meant)} schedules are" if meant else "No schedule is"
    raise WrongUsage(f"{how_many} called {name}. Name one by its id; `gait schedule list --json` has them.")
