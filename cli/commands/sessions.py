"""`gait list`, `gait show`, `gait cancel`, `gait delete`: stored sessions."""

import click

from cli.arguments.completions import session_names
from cli.arguments.session_names import session_id
from cli.errors import WrongUsage
from cli.invocation import ApiCommand, Invocation, current
from cli.rendering import sessions
from common.values.escaped import escaped

MAX_LISTED = 100


@click.command("list", cls=ApiCommand)
@click.option("--search", help="Text in id, name, tags, models, test types or hardware.")
@click.option("--tag", "tags", multiple=True, help="A tag of the sessions or their models; several must all match.")
@click.option("--host", help="The host that they ran on.")
@click.option("--group", help="The group of sessions that were submitted together.")
@click.option("--status", help="queued, running, completed, error or cancelled; several with commas between them.")
@click.option("--pinned/--not-pinned", default=None, help="Only pinned sessions, or only others.")
@click.option("--limit", type=click.IntRange(1, MAX_LISTED), default=20, show_default=True)
@click.option("--page", type=click.IntRange(1), default=1, show_default=True)
@current
def list_sessions(gait: Invocation, /, **filters: object) -> None:
    """List sessions, the newest first."""
    results = gait.as_json  # the table has none
    gait.show(gait.client.get("/test-sessions", results=results, **filters), sessions.listed)


@click.command(cls=ApiCommand)
@click.argument("session", default="latest", shell_complete=session_names)
@current
def show(gait: Invocation, session: str) -> None:
    """Show a session with its results. SESSION is an id, its beginning, a name, or `latest`."""
    gait.show(gait.client.session(session_id(gait.client, session)), sessions.whole)


@click.command(cls=ApiCommand)
@click.argument("session", shell_complete=session_names)
@click.option("--name", help="The new name; an empty one removes it.")
@click.option("--tags", help="The new tags, with commas between them; an empty text removes all.")
@click.option("--note", help="The new note; an empty one removes it.")
@click.option("--pin/--unpin", "pinned", default=None, help="Never prune the session, or prune it like others.")
@current
def edit(gait: Invocation, /, session: str, tags: str | None, **fields: object) -> None:
    """Change a session's name, tags, note or pin."""
    if tags is not None:
        fields["tags"] = [tag.strip() for tag in tags.split(",") if tag.strip()]
    changed = {name: value if value != "" else None for name, value in fields.items() if value is not None}
    if not changed:
        raise WrongUsage("Nothing is to be changed. Give --name, --tags, --note, --pin or --unpin.")
    found = session_id(gait.client, session, only_one=True)
    gait.show(gait.client.patch(f"/test-sessions/{found}", changed), sessions.changed)


@click.command(cls=ApiCommand)
@click.argument("session", shell_complete=session_names)
@current
def cancel(gait: Invocation, session: str) -> None:
    """Stop a session. Its stored runs stay."""
    found = session_id(gait.client, session, only_one=True)
    answer = gait.client.cancel(found)
    gait.show(answer, lambda document: [escaped(f"Session {found}: {document['message']}")])


@click.command(cls=ApiCommand)
@click.argument("session", shell_complete=session_names)
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@current
def delete(gait: Invocation, session: str, *, yes: bool) -> None:
    """Delete a session with its results, permanently."""
    found = session_id(gait.client, session, only_one=True)
    if not yes:
        document = gait.client.session(found)
        name = f" ({escaped(document['name'])})" if document["name"] else ""
        click.confirm(f"Delete session {found}{name} and its results for ever?", abort=True, err=True)
    gait.show(gait.client.delete(f"/test-sessions/{found}"), lambda _: [f"Session {found} is deleted."])
