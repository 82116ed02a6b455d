"""`gait completion`: the script that completes commands and options in a shell."""

import click
from click.shell_completion import get_completion_class

SHELLS = ("bash", "zsh", "fish")


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    r"""Print the script that completes commands and options in SHELL.

    \b
    bash: gait completion bash > ~/.local/share/bash-completion/completions/gait
    zsh:  gait completion zsh > "${fpath[1]}/_gait"
    fish: gait completion fish > ~/.config/fish/completions/gait.fish
    """
    found = get_completion_class(shell)
    assert found  # noqa: S101 - click has these shells
    root = context.find_root()
    click.echo(found(root.command, {}, "gait", "_GAIT_COMPLETE").source())
