"""`gait admin check-config`: everything that a process needs, looked at before it starts."""

from collections.abc import Iterator
from dataclasses import asdict

import click

from cli.admin.checks import api, database, hosts, redis_server, variables
from cli.admin.checks.finding import Check, Finding, Outcome, failed
from cli.admin.output import as_json, say
from cli.exit_codes import ExitCode
from cli.invocation import print_json
from common.environment.settings import settings
from common.errors import ConfigurationError

CHECKS: tuple[Check, ...] = (variables.check, api.check, database.check, redis_server.check, hosts.check)


@click.command("check-config")
@as_json
def check_config(*, as_json: bool) -> ExitCode:
    """Check settings, files, database, Redis and Ollama servers.

    They are checked as this user and from this machine, and nothing is changed. Exit with 1 if a check failed. A
    warning says what works and could be better.
    """
    found = list(_findings())
    if as_json:
        print_json({"checks": [asdict(each) for each in found]})
    else:
        for each in found:
            say(f"{each.outcome:<7} {each.subject}: {each.text}")
    return ExitCode.FAILED if any(each.outcome == Outcome.FAILED for each in found) else ExitCode.DONE


def _findings() -> Iterator[Finding]:
    try:
        config = settings()
    except ConfigurationError as error:
        yield failed("settings", str(error))
        yield from variables.misspelt()
        return
    for check in CHECKS:
        yield from check(config)
