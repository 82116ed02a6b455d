"""`gait admin prune`: what a scheduler does with RETENTION_DAYS, at once."""

from datetime import timedelta

import click

from cli.admin.output import answer, as_json, count
from cli.errors import WrongUsage
from common.environment.settings import settings
from common.store.changes import retention
from common.store.database import database, open_database
from common.values.units import now


@click.command()
@click.option("--days", type=click.IntRange(1, 36_500), help="Instead of RETENTION_DAYS.")
@click.option("--dry-run", is_flag=True, help="Only say how many sessions would be pruned.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@as_json
def prune(*, days: int | None, dry_run: bool, yes: bool, as_json: bool) -> None:
    """Delete the runs, readings and logs of old sessions.

    Those are old that ended more than RETENTION_DAYS ago. Their metrics stay. Pinned sessions and those that have not
    ended are spared. Gait may run meanwhile: each step is small, with a pause after it. An interrupted one is
    continued by the next.
    """
    from scheduler.retention import prune as pruned  # noqa: PLC0415 - it needs the API's packages, and others here do not

    days = days or settings().retention_days
    if days is None:
        raise WrongUsage("Nothing says how old a session must be. Use --days, or set RETENTION_DAYS.")
    open_database(settings().database_url)
    before = now() - timedelta(days=days)
    with database.connection_context():
        due = retention.number_due(before)
        what = f"{count(due, 'session')} that ended more than {count(days, 'day')} ago"
        if dry_run or not due:
            answer({"due": due, "sessions": 0, "rows": 0}, f"{what}: nothing was deleted.", as_json=as_json)
            return
        if not yes:
            click.confirm(f"Delete the runs, readings and logs of {what}?", abort=True, err=True)
        rows = list(pruned(before))
    document = {"due": due, "sessions": len(rows), "rows": sum(rows)}
    answer(document, f"Pruned {count(len(rows), 'session')}: {count(sum(rows), 'row')}.", as_json=as_json)
