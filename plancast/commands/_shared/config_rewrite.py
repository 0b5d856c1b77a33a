"""Edits of plancast.yaml by `migrate`: another provider, and selectors that fit its channels.

The text is edited by position, so that comments, order and quotes stay. The loader reads the result
back before it is shown or written: it must name the intended provider, and each selector must match
its channel and no other.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from plancast.commands._shared.file_rewrite import Rewrite, changed, loaded_text
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
"""Name of the provider to move to, and of the API whose ids its states hold."""

Edit = tuple["Keys", "Value | None"]


@dataclass(frozen=True, slots=True)
class ConfigDraft:
    """The workspace after the edit, and the edit of its file: None if the file needs none."""

    workspace: Workspace
    rewrite: Rewrite | None


def settings_for(current: ProviderSettings, organization: str) -> ProviderSettings:
    """Return the settings of the provider to move to; unchanged if `current` is that one already.

    The sandbox stays the sandbox: only the API through which its world is read changes.
    Raises Stop (PC809) if the provider has no API to move from.
    """
    current_info = registry.BUILT_IN.get(current.name)
    successor = current_info.successor if current_info else None
    if successor is None and current.name != TARGET:
        detail = f"provider {current.name!r} has no API v1 to move from"
        movable = [name for name, entry in registry.BUILT_IN.items() if entry.successor]
        hint = f"Only `{'` and `'.join(sorted(movable))}` have."
        raise Stop([problem("PC809", detail, hint=hint)])
    # Some options mean nothing to the other API; it may need others.
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
    """Return plancast.yaml edited to name this provider, each alias bound to its channel.

    `channels` maps aliases to channels; `live` are all channels of the account, among which each
    selector must match exactly one. Raises Stop (PC007) if the file changed since it was loaded, or
    if an edit by a program would not mean what is intended; the hint then lists the edits.
    """
    from plancast.content.editing.cst import Odd  # noqa: PLC0415
    from plancast.content.editing.patch import rewritten  # noqa: PLC0415

    path = runtime.root / FILE
    raw = path.read_bytes()
    text = raw.decode("utf-8-sig")
    # The edits are computed from the text that was loaded: they need not fit another one.
    if text != loaded_text(runtime.loaded, FILE).text:
        raise Stop([changed(FILE)])
    workspace = runtime.loaded.workspace
    edits = [
        *_provider(_document(runtime), workspace.provider, settings),
        *(
            edit
            for selector in workspace.profiles
            for edit in _selector(selector, channels[selector.alias], live)
        ),
    ]
    if not edits:
        return ConfigDraft(workspace, None)
    try:
        after = rewritten(FILE, text, [(0, keys, value) for keys, value in edits])
    except Odd as odd:
        raise Stop([_by_hand(f"{FILE} cannot be edited by a program: {odd}", edits)]) from None
    drafted_workspace = _read_back(after, workspace)
    if drafted_workspace is None or not _is_meant(drafted_workspace, settings, channels, live):
        raise Stop([_by_hand(f"{FILE} would not say what is meant", edits)])
    # `utf-8-sig` dropped a byte order mark: put it back, or the diff shows one change too many.
    marked = f"\ufeff{after}" if raw.startswith(codecs.BOM_UTF8) else after
    return ConfigDraft(drafted_workspace, Rewrite(FILE, path, raw, marked))


def _document(runtime: Runtime) -> Mapping[str, Any]:
    documents, _ = loaded_text(runtime.loaded, FILE).documents()
    value = documents[0].value
    return value if isinstance(value, dict) else {}


def _provider(
    document: Mapping[str, Any], current: ProviderSettings, wanted: ProviderSettings
) -> Iterator[Edit]:
    if current == wanted:
        return
    wanted_options: Mapping[str, object] = {"name": wanted.name, **wanted.options}
    # `provider: NAME` is a single word in the file: replace it by a mapping if there are options.
    if not isinstance(document.get("provider"), dict):
        plain = {key: str(value) for key, value in wanted_options.items()}
        yield ("provider",), (plain if len(plain) > 1 else wanted.name)
        return
    known = {"name": current.name, **current.options}
    for key, value in wanted_options.items():
        if known.get(key) != value:
            yield ("provider", key), str(value)
    for key in known:
        if key not in wanted_options:
            yield ("provider", key), None


def _selector(selector: Selector, channel: Profile, live: Sequence[Profile]) -> Iterator[Edit]:
    """Yield the edits of a selector that does not match its channel, and no other; else nothing.

    The id is added, which always works, and each criterion that no longer holds is removed.
    """
    if [profile for profile in live if matches(selector, profile)] == [channel]:
        return
    place: Keys = ("profiles", selector.alias)
    yield (*place, "id"), channel.id
    for name, value in selector.criteria:
        criterion: dict[str, Any] = {name: value}
        if name != "id" and not matches(Selector(selector.alias, **criterion), channel):
            yield (*place, name), None


def _read_back(text: str, workspace: Workspace) -> Workspace | None:
    """Load the text as plancast.yaml, with the root of `workspace`; None if it is not valid."""
    from plancast.content.loader import load_settings  # noqa: PLC0415

    with TemporaryDirectory(prefix="plancast-") as folder:
        Path(folder, FILE).write_text(text, encoding="utf-8", newline="")
        workspace_read, _ = load_settings(Path(folder))
    return workspace_read and replace(workspace_read, root=workspace.root)


def _is_meant(
    drafted_workspace: Workspace,
    settings: ProviderSettings,
    channels: Mapping[str, Profile],
    live: Sequence[Profile],
) -> bool:
    provider = drafted_workspace.provider
    named = (provider.name, dict(provider.options)) == (settings.name, dict(settings.options))
    bound = bind(drafted_workspace.profiles, live).profiles
    return named and bound == {
        selector.alias: channels[selector.alias] for selector in drafted_workspace.profiles
    }


def _by_hand(detail: str, edits: Sequence[Edit]) -> Any:
    steps = "; ".join(
        f"`{'.'.join(map(str, keys))}: {_flow(value)}`" if value is not None else f"no `{keys[-1]}`"
        for keys, value in edits
    )
    hint = f"Write it by hand, then run the command again: {steps}."
    return problem("PC007", detail, hint=hint, at=Pointer(FILE))


def _flow(value: Any) -> str:
    """Return a value as it can be written on one line of YAML."""
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key}: {entry}' for key, entry in value.items())}}}"
    return str(value)
