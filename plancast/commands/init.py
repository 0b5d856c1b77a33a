"""`plancast init`: a workspace to begin with, from the live account where there is a token."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from plancast.core.diagnostics import problem
from plancast.core.exits import ExitCode, Stop
from plancast.core.model import Profile, ProviderSettings, Selector
from plancast.core.naming import alias_for

if TYPE_CHECKING:
    from plancast.runtime import Runtime

IGNORED = """\
# Local to each machine: state, journal, the embedded sandbox.
.plancast/
.plancast-sandbox/
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Args:
    """The flags of `init`."""

    provider: str | None = None
    forge: str | None = None


def run(args: Args, runtime: Runtime) -> ExitCode:
    """Write plancast.yaml, a first post as a draft, .gitignore, and schemas for editors.

    Nothing is overwritten.
    """
    from plancast.content.schemas import schema_text  # noqa: PLC0415
    from plancast.content.writer import first_post, workspace_to_yaml, write_new  # noqa: PLC0415

    name = args.provider or ("buffer" if _has_token(runtime) else "sandbox")
    folder = runtime.start.resolve()
    target = folder / "plancast.yaml"
    if target.exists():
        raise Stop([problem("PC007", f"{target} is there already")])
    connected = runtime.connect(settings=ProviderSettings(name))
    account = connected.provider.account()
    live = connected.provider.profiles()
    selectors = _selectors(live)
    if not selectors:
        raise Stop([problem("PC303", f"no account is connected to {account.name or account.id}")])
    aliases = [item.alias for item in selectors]
    schema = "schemas/workspace.schema.json"
    write_new(target, workspace_to_yaml(name, account.timezone, selectors, schema))
    wanted = {
        "posts/hello.yaml": first_post(aliases, "../schemas/post.schema.json"),
        ".gitignore": IGNORED,
        schema: schema_text("workspace"),
        "schemas/post.schema.json": schema_text("post"),
    }
    missing = {folder / name: text for name, text in wanted.items() if not (folder / name).exists()}
    for path, text in missing.items():
        write_new(path, text)
    for path in (target, *missing):
        runtime.show(f"Wrote {path.relative_to(folder)}")
    runtime.say(_next(selectors))
    return ExitCode.DONE


def _has_token(runtime: Runtime) -> bool:
    return bool(runtime.environ.get("BUFFER_ACCESS_TOKEN", "").strip())


def _selectors(live: Iterable[Profile]) -> Sequence[Selector]:
    """One for each profile: by id, which always works, with the service for checks offline."""
    taken: set[str] = set()
    selectors = []
    for profile in live:
        alias = alias_for(profile, taken)
        taken.add(alias)
        selectors.append(Selector(alias, id=profile.id, service=profile.service))
    return selectors


def _next(selectors: Sequence[Selector]) -> str:
    names = ", ".join(item.alias for item in selectors)
    return (
        f"\nProfiles: {names}.\n"
        "Next: edit posts/hello.yaml, remove its `status: draft`, then run\n"
        "  plancast plan\n"
        "  plancast apply"
    )
