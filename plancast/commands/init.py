"""The command `plancast init`: write a new workspace, from the live account if there is a key."""

from __future__ import annotations

import secrets
import string
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from plancast.commands._shared.flags import invoke
from plancast.content.ci_templates import Place, ci_files
from plancast.content.discovery import find_checkout, inside
from plancast.content.editing.emitter import first_post, workspace_to_yaml, write_new
from plancast.content.schema import schema_text
from plancast.model.diagnostics import problem
from plancast.model.exit_codes import ExitCode, Stop
from plancast.model.ports import Rejected, StateError
from plancast.model.profile import Account, Profile
from plancast.model.workspace import ProviderSettings, Selector
from plancast.networks.registry import LIMITS
from plancast.providers import registry
from plancast.reconcile.risks import retirement
from plancast.reconcile.slugs import alias_for
from plancast.store.git_branches import USUAL, branch_to_apply, default_branch
from plancast.store.git_process import Git

if TYPE_CHECKING:
    from plancast.app.context import Runtime
    from plancast.providers import Connected

IGNORED = """\
# Local to each machine: state, journal, the embedded sandbox.
.plancast/
.plancast-sandbox/
"""


_ID_LENGTH = 10
"""Characters of a workspace's id: about 49 bits, so two workspaces never draw the same."""


class ProviderName(click.ParamType):  # type: ignore[type-arg]  # generic in newer ones alone
    """The name of a provider: of one that comes with plancast, or of an installed package."""

    name = "provider"

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:  # noqa: ARG002
        """Return the built-in names; to list others, `--help` would have to search packages."""
        return f"[{'|'.join(registry.BUILT_IN)}|NAME]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the name if there is such a provider, else fail with a list of those there are."""
        name = str(value)
        try:
            registry.get(name)
        except Stop as stop:
            diagnostic = stop.diagnostics[0]
            self.fail(f"{diagnostic.summary}: {diagnostic.detail}. {diagnostic.hint}", param, ctx)
        return name


def _provider_help() -> str:
    """Return the help of `--provider`, which says which one is used without the flag."""
    keyed = [info for info in registry.BUILT_IN.values() if info.secrets]
    cases = ", ".join(f"{info.name} if {info.secrets[0]} is set" for info in keyed)
    return f"Default: {cases}, else {registry.DEFAULT.name}. NAME: of an installed package."


@dataclass(frozen=True, slots=True, kw_only=True)
class Args:
    """The flags of `init`. `forge` is the value of `--ci`: `github`, `gitlab` or None."""

    provider: str | None = None
    organization: str | None = None
    forge: str | None = None


@click.command("init")
@click.option(
    "--provider",
    type=ProviderName(),
    help=_provider_help(),
)
@click.option(
    "--organization",
    metavar="ID",
    help="Whose profiles, if a key reaches several organizations.",
)
@click.option(
    "--ci",
    "forge",
    type=click.Choice(["github", "gitlab"]),
    help="Write the files for its CI as well, also into a workspace that is there already.",
)
@click.pass_context
def command(context: click.Context, /, **flags: Any) -> None:
    """Write plancast.yaml and a first post.

    With a key or a token, the profiles come from the live account.
    """
    invoke(context, Args, run, flags)


def run(args: Args, runtime: Runtime) -> ExitCode:
    """Write plancast.yaml, a first post as a draft, .gitignore, schemas for editors, CI files.

    Nothing is overwritten. If there is a workspace already, `--ci` adds only the files for CI.
    """
    folder = runtime.start.resolve()
    checkout = _checkout(folder) if args.forge else None
    if checkout and (folder / "plancast.yaml").exists():
        return _add(_ci_files(args.forge, checkout, folder, runtime), checkout, runtime)
    name = args.provider or _usual(runtime)
    secret = next(iter(registry.get(name).secrets), "")
    selectors, files = _workspace(name, args, runtime, folder)
    if checkout:
        files.update(_ci_files(args.forge, checkout, folder, runtime))
    _write_missing(files, checkout or folder, runtime)
    runtime.console.say(_next(selectors, args.forge, secret))
    return ExitCode.DONE


def _write_missing(files: Mapping[Path, str], top: Path, runtime: Runtime) -> list[str]:
    """Write the files that do not exist yet, show their names, and return those of the others."""
    missing = {path: text for path, text in files.items() if not path.exists()}
    for path, text in missing.items():
        write_new(path, text, top)
    for path in missing:
        runtime.console.show_name(f"Wrote {path.relative_to(top)}")
    return [path.relative_to(top).as_posix() for path in files if path not in missing]


def _workspace(
    name: str, args: Args, runtime: Runtime, folder: Path
) -> tuple[Sequence[Selector], dict[Path, str]]:
    """Return the selectors of the account's profiles, and the files of a new workspace.

    Raises Stop if there is a plancast.yaml already, or if no profile is connected.
    """
    target = folder / "plancast.yaml"
    if target.exists():
        raise Stop([problem("PC007", f"{target} is there already")])
    given_options = {"organization": args.organization} if args.organization else {}
    connected, account, options = _connect(ProviderSettings(name, given_options), runtime)
    selectors = _selectors(connected.provider.profiles())
    if not selectors:
        raise Stop([problem("PC303", f"no account is connected to {account.name or account.id}")])
    runtime.console.problems(retirement(connected.provider, connected.clock.now()))
    # The first post is a text alone, so it leaves out networks that need a picture.
    aliases = [selector.alias for selector in selectors if _takes_words(selector)]
    schema = "schemas/workspace.schema.json"
    # Every CI job begins with an empty disk, so a local state would be lost after each run.
    state = "git" if args.forge else "local"
    return selectors, {
        target: workspace_to_yaml(
            name,
            account.timezone,
            selectors,
            schema,
            identity=drawn_id(),
            state=state,
            options=options,
        ),
        folder / "posts/hello.yaml": first_post(
            aliases or [selectors[0].alias], "../schemas/post.schema.json"
        ),
        folder / ".gitignore": IGNORED,
        folder / schema: schema_text("workspace"),
        folder / "schemas/post.schema.json": schema_text("post"),
    }


def drawn_id() -> str:
    """Draw the id of a new workspace. It begins with a letter, so YAML reads no number in it."""
    letters = string.ascii_lowercase
    rest = (secrets.choice(f"{letters}234567") for _ in range(_ID_LENGTH - 1))
    return secrets.choice(letters) + "".join(rest)


def _takes_words(selector: Selector) -> bool:
    """Return whether a network takes a text without image or video, as the first post is one."""
    known = LIMITS.get(selector.service)
    return known is None or not (known.needs_image or known.needs_video)


def _usual(runtime: Runtime) -> str:
    """Return the name of the first provider with a key in the environment, else the default one."""
    keyed = (
        info.name
        for info in registry.BUILT_IN.values()
        if any(runtime.environ.get(name, "").strip() for name in info.secrets)
    )
    return next(keyed, registry.DEFAULT.name)


def _connect(
    settings: ProviderSettings, runtime: Runtime
) -> tuple[Connected, Account, Mapping[str, str]]:
    """Connect, and return the provider, the account, and the options for plancast.yaml.

    If a key reaches several organizations, ask the user for one. Raises Stop if none is chosen.
    """
    connected = runtime.connect(settings=settings)
    try:
        account = connected.provider.account()
    except Rejected as error:
        if not error.choices:
            raise
        chosen = {"organization": _asked(error, runtime)}
        connected = runtime.connect(settings=ProviderSettings(settings.name, chosen))
        account = connected.provider.account()
    options = {"organization": account.organization} if account.organization else {}
    return connected, account, options


def _asked(error: Rejected, runtime: Runtime) -> str:
    """Ask for one of the organizations, by its id or by its number, and return the id."""
    ids = [identity for identity, _ in error.choices]
    listed = "\n".join(
        f"  {number}  {identity}  {name}"
        for number, (identity, name) in enumerate(error.choices, start=1)
    )
    answer = runtime.console.ask(f"Whose profiles?\n{listed}")
    if answer in ids:
        return answer
    if answer.isdecimal() and 1 <= int(answer) <= len(ids):
        return ids[int(answer) - 1]
    runtime.console.say("")
    raise Stop([problem("PC811", str(error), hint="Name one: `--organization ID`.")])


# -- the files for CI -------------------------------------------------------------------------


def _checkout(folder: Path) -> Path:
    """Return the top of the checkout that a folder lies in. Raises Stop if it lies in none."""
    checkout = find_checkout(folder)
    if checkout is None:
        raise Stop([problem("PC010", f"{folder} lies in no checkout, and CI begins with one")])
    return checkout


def _ci_files(forge: str | None, checkout: Path, folder: Path, runtime: Runtime) -> dict[Path, str]:
    below = inside(folder, checkout)
    if "$" in below or not below.isprintable():
        # Both forges expand `$NAME` and `${{ ... }}` in these files, so a folder with such a name
        # could put a secret into a command.
        detail = (
            f"{below!r}: the name of a folder that CI works in has no `$`, nor control characters"
        )
        raise Stop(
            [problem("PC203", detail, hint="Rename the folder, then run the command again.")]
        )
    # GitLab says in each pipeline which branch is the default one; GitHub's files have to name it.
    branch = _branch(checkout, runtime) if forge == "github" else USUAL[0]
    place = Place(below, branch)
    return {checkout / name: text for name, text in ci_files(str(forge), place).items()}


def _branch(checkout: Path, runtime: Runtime) -> str:
    """Return the branch whose merges are applied, and say which it is and whether it is a guess.

    It is a guess if git does not know the default branch of `origin`.
    """
    try:
        environ = {k: v for k, v in runtime.environ.items() if k not in registry.secrets()}
        git = Git.pin(checkout, checkout, environ)
        branch = branch_to_apply(git)
        if default_branch(git, "origin") == f"refs/heads/{branch}":
            runtime.console.say(f"The workflows apply what is merged into `{branch}`.")
            return branch
        reason, hint = "git has not noted the default branch of `origin`", ""
    except StateError as error:
        branch, reason, hint = USUAL[0], str(error), f" {error.hint}" if error.hint else ""
    runtime.console.say(f"The default branch is taken to be `{branch}`: {reason}.{hint}")
    runtime.console.say(
        "If it is another one, name it under `branches:` in the workflow of the apply."
    )
    return branch


def _add(files: Mapping[Path, str], checkout: Path, runtime: Runtime) -> ExitCode:
    """Add the files for CI to an existing workspace. Raises Stop if all of them exist already."""
    skipped = _write_missing(files, checkout, runtime)
    if len(skipped) == len(files):
        raise Stop([problem("PC007", f"{', '.join(skipped)}: there already")])
    if skipped:
        runtime.console.say(f"Left as they are: {', '.join(skipped)}")
    if runtime.settings.state.backend != "git":
        runtime.console.say(_MOVE)
    return ExitCode.DONE


_MOVE = """
A machine of CI begins empty each time, so the state belongs into git. In plancast.yaml:
  state: {backend: git}
Then, where the state is now: plancast state push .plancast/state.json"""


def _selectors(live: Iterable[Profile]) -> Sequence[Selector]:
    """Return one selector for each profile.

    The id always identifies it; the service lets `validate` check its posts without a request.
    """
    used: set[str] = set()
    selectors = []
    for profile in live:
        alias = alias_for(profile, used)
        used.add(alias)
        selectors.append(Selector(alias, id=profile.id, service=profile.service))
    return selectors


def _next(selectors: Sequence[Selector], forge: str | None, secret: str) -> str:
    names = ", ".join(selector.alias for selector in selectors)
    then = "open a pull request." if forge == "github" else "open a merge request."
    ways = f"commit, push, and {then}" if forge else "run\n  plancast plan\n  plancast apply"
    first = f"add {secret} to the secrets of the repository, then " if forge and secret else ""
    return (
        f"\nProfiles: {names}.\n"
        f"Next: {first}edit posts/hello.yaml, remove its `status: draft`, then {ways}"
    )
