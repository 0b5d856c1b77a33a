"""The command `plancast completion`: print the script that completes commands in a shell."""

from __future__ import annotations

import click

SHELLS = ("bash", "zsh", "fish")


@click.command("completion")
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def command(context: click.Context, /, shell: str) -> None:
    r"""Print the script that completes commands in a shell.

    Verbs, options, addresses, posts, profiles and files are completed. Put this line into the file
    that your shell reads when it begins:

    \b
      bash  source <(plancast completion bash)
      zsh   source <(plancast completion zsh)
      fish  plancast completion fish | source
    """
    from click.shell_completion import get_completion_class  # noqa: PLC0415

    kind = get_completion_class(shell)
    assert kind is not None, "click knows these shells"
    root = context.find_root().command
    click.echo(kind(root, {}, "plancast", "_PLANCAST_COMPLETE").source())
