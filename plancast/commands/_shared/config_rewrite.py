"""What `migrate` makes of plancast.yaml: another provider, selectors that fit, all else as it was.

The text is edited by position, so that comments, order and quotes stay. What came out is read
back by the loader before anybody sees it: it must name the provider that is meant, and each
selector must fit its channel and no other.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from plancast.commands._shared.file_rewrite import Rewrite
from plancast.model.diagnostics import Pointer, problem
from plancast.model.exit_codes import Stop
from plancast.model.profile import Profile
from plancast.model.workspace import ProviderSettings, Selector, Workspace
from plancast.providers import registry
from plancast.reconcile.selectors import bind, matches

if TYPE_CHECKING:
    from plancast.app.context import Runtime
    from plancast.content.editing.patch import Value
    from plancast.content.yaml_reader import Path as Keys

FILE = "plancast.yaml"
TARGET = registry.BUFFER_GRAPHQL.name
"""The provider, and the API whose ids its states hold."""

Edit = tuple["Keys", "Value | None"]


@dataclass(frozen=True, slots=True)
class ConfigDraft:
    """The workspace as it will be. No `rewrite`: it is so already."""

    workspace: Workspace
    rewrite: Rewrite | None


def settings_for(current: ProviderSettings, organization: str) -> ProviderSettings:
    """The provider on the other side; the same where this is it. Raises Stop where there is none.

    The sandbox stays the sandbox: its world is only looked at through the other API.
    """
    info = registry.BUILT_IN.get(current.name)
    successor = info.successor if info else None
    if successor is None and current.name != TARGET:
        detail = f"provider {current.name!r} has no API v1 to move from"
        movable = [name for name, one in registry.BUILT_IN.items() if one.successor]
        hint = f"Only `{'` and `'.join(sorted(movable))}` have."
        raise Stop([problem("PC809", detail, hint=hint)])
    options: dict[str, object] = dict(current.options)
    if successor is not None:
        options = {key: value for key, value in options.items() if key not in successor.dropped}
        options.update(successor.options)
    if organization:
        options["organization"] = organization
    return ProviderSettings(successor.name if successor else TARGET, options)


def drafted(
    runtime: Runtime,
    settings: ProviderSettings,
    channels: Mapping[str, Profile],
    live: Sequence[Profile],
) -> ConfigDraft:
    """plancast.yaml with this provider, its aliases meaning these channels. Raises Stop."""
    from plancast.content.editing.cst import Odd  # noqa: PLC0415
    from plancast.content.editing.patch import rewritten  # noqa: PLC0415

    path = runtime.root / FILE
    raw = path.read_bytes()
    text = raw.decode("utf-8-sig")
    if text != runtime.loaded.texts[FILE].text:
        hint = "Run the command again."
        raise Stop([problem("PC007", f"{FILE} was changed meanwhile", hint=hint)])
    workspace = runtime.loaded.workspace
    edits = [
        *_provider(_document(runtime), workspace.provider, settings),
        *(edit for one in workspace.profiles for edit in _selector(one, channels[one.alias], live)),
    ]
    if not edits:
        return ConfigDraft(workspace, None)
    try:
        after = rewritten(FILE, text, [(0, keys, value) for keys, value in edits])
    except Odd as odd:
        raise Stop([_by_hand(f"{FILE} cannot be edited by a program: {odd}", edits)]) from None
    made = _read_back(after, workspace)
    if made is None or not _is_meant(made, settings, channels, live):
        raise Stop([_by_hand(f"{FILE} would not say what is meant", edits)])
    marked = f"\ufeff{after}" if raw.startswith(codecs.BOM_UTF8) else after
    return ConfigDraft(made, Rewrite(FILE, path, raw, marked))


def _document(runtime: Runtime) -> Mapping[str, Any]:
    documents, _ = runtime.loaded.texts[FILE].documents()
    value = documents[0].value
    return value if isinstance(value, dict) else {}


def _provider(
    document: Mapping[str, Any], current: ProviderSettings, wanted: ProviderSettings
) -> Iterator[Edit]:
    if current == wanted:
        return
    said: Mapping[str, object] = {"name": wanted.name, **wanted.options}
    if not isinstance(document.get("provider"), dict):
        plain = {key: str(value) for key, value in said.items()}
        yield ("provider",), (plain if len(plain) > 1 else wanted.name)
        return
    known = {"name": current.name, **current.options}
    for key, value in said.items():
        if known.get(key) != value:
            yield ("provider", key), str(value)
    for key in known:
        if key not in said:
            yield ("provider", key), None


def _selector(selector: Selector, channel: Profile, live: Sequence[Profile]) -> Iterator[Edit]:
    """Nothing where it fits; else the id, which always works, and what still holds beside it."""
    if [one for one in live if matches(selector, one)] == [channel]:
        return
    place: Keys = ("profiles", selector.alias)
    yield (*place, "id"), channel.id
    for name, value in selector.criteria:
        alone: dict[str, Any] = {name: value}
        if name != "id" and not matches(Selector(selector.alias, **alone), channel):
            yield (*place, name), None


def _read_back(text: str, workspace: Workspace) -> Workspace | None:
    """The text as a workspace in the place of this one; None where it is none."""
    from plancast.content.loader import load_settings  # noqa: PLC0415

    with TemporaryDirectory(prefix="plancast-") as name:
        Path(name, FILE).write_text(text, encoding="utf-8", newline="")
        made, _ = load_settings(Path(name))
    return made and replace(made, root=workspace.root)


def _is_meant(
    made: Workspace,
    settings: ProviderSettings,
    channels: Mapping[str, Profile],
    live: Sequence[Profile],
) -> bool:
    provider = made.provider
    named = (provider.name, dict(provider.options)) == (settings.name, dict(settings.options))
    bound = bind(made.profiles, live).profiles
    return named and bound == {one.alias: channels[one.alias] for one in made.profiles}


def _by_hand(detail: str, edits: Sequence[Edit]) -> Any:
    said = "; ".join(
        f"`{'.'.join(map(str, keys))}: {_flow(value)}`" if value is not None else f"no `{keys[-1]}`"
        for keys, value in edits
    )
    hint = f"Write it by hand, then run the command again: {said}."
    return problem("PC007", detail, hint=hint, at=Pointer(FILE))


def _flow(value: Any) -> str:
    """As it can be written on one line of YAML."""
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key}: {said}' for key, said in value.items())}}}"
    return str(value)
