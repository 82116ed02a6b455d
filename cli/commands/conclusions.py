"""`gait compare`, `gait history`, `gait leaderboard`: what follows from results."""

from collections.abc import Sequence
from typing import Any

import click

from cli.arguments.completions import model_names, session_names
from cli.arguments.session_names import session_id
from cli.conditions.fail_on import condition_option, evaluated, strict_option, verdict_code
from cli.errors import WrongUsage
from cli.exit_codes import ExitCode
from cli.invocation import ApiCommand, Invocation, current
from cli.rendering.conclusions import comparison
from cli.rendering.conclusions import history as histories
from cli.rendering.conclusions import leaderboard as leaderboards

SPAN = "/"


@click.command(cls=ApiCommand)
@click.argument("baseline", shell_complete=session_names)
@click.argument("candidates", nargs=-1, metavar="[CANDIDATE]...", shell_complete=session_names)
@click.option(
    "--any-digest", "digests", flag_value="any", help="Also compare a model with its replacement under the same name."
)
@click.option("--all", "every_metric", is_flag=True, help="Show all metrics, not only those that answer the question.")
@click.option("--model", help="Compare two spans of time FROM/TO of this model.")
@click.option("--test-type", "testType", help="With --model: the test type.")
@click.option("--metric", help="With --model: the metric. Default: that of the test type.")
@click.option("--host", help="With --model: the host. Default: that of the newest session.")
@condition_option("slower", "worse")
@strict_option
@current
def compare(gait: Invocation, /, baseline: str, candidates: Sequence[str], **options: Any) -> int:  # noqa: ANN401 - of many types
    """Compare sessions with BASELINE, and give each difference a verdict.

    BASELINE and CANDIDATE are sessions, or SESSION/MODEL for one of their models: an id, its beginning, a name, or
    `latest`. Names of hosts stand for the newest results there. Without a CANDIDATE, the models of one session are
    compared. With --model they are spans of time, such as 2026-08-01/2026-08-07.

    --fail-on slower:5% ends with 3 if the whole interval of a change, with the confidence that the comparison states,
    is beyond 5 %. If the interval lies on both sides of 5 %, or there is none, the comparison is undecided. The output
    says so, and it is a failure (4) only with --strict.
    """
    fail_on, strict, every_metric = (options.pop(name) for name in ("fail_on", "strict", "every_metric"))
    names = [baseline, *candidates]
    first, *others = names if options["model"] else [_column(gait, name) for name in names]
    document = gait.client.get("/comparisons", baseline=first, candidate=others, **options)
    gait.show(document, lambda shown: comparison.rendered(shown, every_metric=every_metric))
    return ExitCode.DONE if fail_on is None else verdict_code(gait, evaluated(document, fail_on), strict=strict)


def _column(gait: Invocation, reference: str) -> str:
    """Return a session or SESSION/MODEL with the session's id, or a host or HOST/MODEL as it is."""
    name, slash, model = reference.partition(SPAN)
    try:
        return f"{session_id(gait.client, name)}{slash}{model}"
    except WrongUsage:
        if name in [host["name"] for host in gait.client.get("/hosts")["hosts"]]:
            return reference
        raise


@click.command(cls=ApiCommand)
@click.argument("model", required=False, shell_complete=model_names)
@click.option("--test-type", "-t", "testType", help="Default: that of the newest regression, or result.")
@click.option("--metric", help="Default: that of the test type.")
@click.option("--host", help="Default: that of the regression, or the newest session.")
@click.option("--options", help="The options of one of the other histories that the output lists.")
@click.option("--from", "from", help="Leave out older sessions: a date or time.")
@click.option("--to", help="Leave out newer sessions.")
@current
def history(gait: Invocation, /, **filters: str | None) -> None:
    """Show a model's results over time, and the changes that last."""
    gait.show(gait.client.get("/histories", **filters), histories.rendered)


@click.command(cls=ApiCommand)
@click.option("--test-type", "-t", "testType", help="Default: that of the newest result.")
@click.option("--metric", help="Default: that of the test type.")
@click.option("--host", help="Default: all.")
@click.option("--model", help="Default: all.")
@click.option("--tag", help="A tag of the session or of its models. Default: all results.")
@click.option("--options", help="The options of one of the other leaderboards that the output lists.")
@current
def leaderboard(gait: Invocation, /, **filters: str | None) -> None:
    """Rank the newest results of all models and hosts."""
    gait.show(gait.client.get("/leaderboard", **filters), leaderboards.rendered)
