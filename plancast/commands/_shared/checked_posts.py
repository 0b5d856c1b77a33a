"""The files of a workspace, checked: the entries that they ask for, and what is wrong with them.

Checked before the first request, on assumed profiles, and again once the live profiles are known:
only then is it certain which network a post goes to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from plancast.model.diagnostics import Diagnostic, has_errors
from plancast.model.entry import Address
from plancast.model.exit_codes import Stop
from plancast.model.features import Features
from plancast.model.limits import NetworkLimits
from plancast.model.profile import Profile
from plancast.model.quoting import first_few
from plancast.model.workspace import Desired
from plancast.networks.registry import LIMITS, merge
from plancast.providers import registry

if TYPE_CHECKING:
    from plancast.app.context import Runtime
    from plancast.content.loader import Loaded
    from plancast.model.ports import Provider

TOO_LONG = "PC501"
"""The code of a text over a limit."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The entries that the files ask for, on these profiles (alias -> profile).

    `history` are the addresses before `policy.history_before`, which are in no other list. `drafts`
    are the addresses that no plan contains. `limits` are those of the networks that the entries
    were checked by.
    """

    desired: tuple[Desired, ...]
    profiles: Mapping[str, Profile]
    history: frozenset[Address]
    diagnostics: tuple[Diagnostic, ...]
    drafts: frozenset[Address] = frozenset()
    limits: Mapping[str, NetworkLimits] = field(default_factory=lambda: LIMITS, hash=False)


def checked_files(runtime: Runtime) -> Loaded:
    """Return the loaded workspace. Raises Stop, with all problems, if an error shows offline.

    A text that is too long by our tables is none yet: the provider may take more (`ask_live`).
    """
    loaded = runtime.loaded
    note_skipped(runtime)
    asked = ask_offline(loaded)
    if has_errors(found for found in asked.diagnostics if found.code != TOO_LONG):
        raise Stop(asked.diagnostics)
    return loaded


def skipped_words(loaded: Loaded) -> str:
    """Return a sentence on the folders of tools that were not entered; "" if there are none."""
    if not loaded.skipped:
        return ""
    what = "a folder of a tool" if len(loaded.skipped) == 1 else "folders of tools"
    return f"not read, {what}: {first_few(loaded.skipped)}"


def note_skipped(runtime: Runtime) -> None:
    """With -v, say which folders were not entered: an author may keep posts there."""
    if runtime.console.verbose and (words := skipped_words(runtime.loaded)):
        runtime.console.say(f"{words[:1].upper()}{words[1:]}. Name it in `content:` to read it.")


def assumed(loaded: Loaded, remembered: tuple[Profile, ...] = ()) -> Mapping[str, Profile]:
    """Return the profiles by alias, as far as selectors and state show them without a request."""
    from plancast.reconcile.selectors import assume  # noqa: PLC0415

    return assume(loaded.workspace.profiles, remembered).profiles


def ask_offline(loaded: Loaded, remembered: tuple[Profile, ...] = ()) -> Asked:
    """Expand and check the posts without a request, on profiles as the state remembers them."""
    return ask(loaded, assumed(loaded, remembered), accounts_known=False)


def ask(
    loaded: Loaded,
    profiles: Mapping[str, Profile],
    limits: Mapping[str, NetworkLimits] = LIMITS,
    features: Features | None = None,
    *,
    accounts_known: bool = True,
) -> Asked:
    """Expand and check the posts. Posts before `policy.history_before` are set aside.

    `features` is what the connected provider can do; without it, what the registry knows by name.
    `accounts_known`: the profiles are as the provider describes them now, and not assumed.
    """
    from plancast.content.validate import validate  # noqa: PLC0415

    able = features or registry.features(loaded.workspace.provider, Path(loaded.workspace.root))
    checked = validate(loaded, profiles, limits, able, accounts_known=accounts_known)
    before = loaded.workspace.policy.history_before
    history = frozenset(
        desired_entry.address
        for desired_entry in checked.desired
        if before and desired_entry.entry.due_at and desired_entry.entry.due_at < before
    )
    desired = tuple(
        desired_entry for desired_entry in checked.desired if desired_entry.address not in history
    )
    drafts = frozenset(draft.address for draft in checked.drafted)
    problems = (*loaded.diagnostics, *checked.diagnostics)
    return Asked(desired, profiles, history, problems, drafts, limits)


def known_limits(
    provider: Provider, profiles: Mapping[str, Profile]
) -> Mapping[str, NetworkLimits]:
    """Return our limits; if a network is new to us, also the provider's, for one request."""
    if all(profile.service in LIMITS for profile in profiles.values()):
        return LIMITS
    return merge(LIMITS, provider.limits().by_service)


def ask_live(loaded: Loaded, provider: Provider, profiles: Mapping[str, Profile]) -> Asked:
    """Expand and check the posts on live profiles.

    If a text is too long by our tables, the provider is asked for its own limits, for one request:
    they may be newer than ours, and only raise them.
    """
    features = provider.capabilities.features
    asked = ask(loaded, profiles, known_limits(provider, profiles), features)
    is_too_long = any(found.code == TOO_LONG for found in asked.diagnostics)
    if not is_too_long or asked.limits is not LIMITS:
        return asked
    limits = merge(LIMITS, provider.limits().by_service)
    return asked if limits == LIMITS else ask(loaded, profiles, limits, features)
