"""The command `plancast import --rebuild`: own our entries again after the state was lost.

The provider gets only reads, and no post file is written. Each match is bound in the state, which
the next plan would otherwise have adopted, created a second time or left alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from plancast.codec import time_to_text
from plancast.commands._shared.checked_posts import checked_files
from plancast.commands._shared.plan_session import (
    Look,
    Scope,
    decide,
    look,
)
from plancast.commands._shared.state_access import holding
from plancast.model.diagnostics import problem
from plancast.model.entry import Address, LiveEntry
from plancast.model.exit_codes import ExitCode, Stop
from plancast.model.plan import Change
from plancast.model.ports import Provider
from plancast.model.state import State
from plancast.model.workspace import Desired
from plancast.rebuild.rebuild import Rebuilt, owning, rebuild
from plancast.reconcile.needed_lookups import QUEUE_LOOKBACK

if TYPE_CHECKING:
    from plancast.app.context import Runtime, StateAccess


def run_rebuild(
    runtime: Runtime, access: StateAccess, *, auto_approve: bool, format_name: str
) -> ExitCode:
    """Match posts to live entries, show the result, ask the user, and bind the matches.

    Entries that other workspaces own are left to them. Returns PARTIAL if matches are ambiguous.
    Raises Stop if an earlier run is not settled, or the state is about another account.
    """
    loaded = checked_files(runtime)
    connected = runtime.connect()
    provider = connected.provider
    stores = runtime.open_stores(access)
    with holding(stores, runtime.system_clock, "import --rebuild") as tenure:
        state = tenure.state()
        must_be_settled(state)
        looked = look(loaded, provider, connected.clock, state)
        _must_be_the_same_account(state, looked)
        free = [wanted for wanted in looked.asked.desired if wanted.address not in state.resources]
        elsewhere = cache(stores.claimed_elsewhere)
        # Whatever another workspace owns must not be matched, however like it is.
        owned = state.owned_ids() | elsewhere(looked.found.account.id)
        # A post that already went out must match too, or the next plan publishes it a second time.
        looked = _with_sent(looked, free, provider)
        rebuilt = rebuild(free, looked.seen.live, owned, provider.expected)
        bound = state.bind(*(owning(match, provider.expected) for match in rebuilt.matches))
        # A plan on the state as it would be, to show what an apply then does with the rest.
        scope = Scope(allow_new_state=True)
        planned = decide(loaded, provider, bound, looked, scope, elsewhere=elsewhere)
        changes = {
            change.address: change for change in planned.plan.changes if change.after is not None
        }
        _show(runtime, format_name, rebuilt, changes, looked)
        if rebuilt.matches:
            count = len(rebuilt.matches)
            if not auto_approve and not runtime.console.confirm(f"Own what was found ({count})?"):
                runtime.console.say("Nothing was done.")
                return ExitCode.ERROR
            tenure.write(planned.state)
            runtime.console.say(f"Owned again: {count}. `plancast plan` shows what differs.")
    return ExitCode.PARTIAL if rebuilt.ambiguous else ExitCode.DONE


def _with_sent(looked: Look, free: Sequence[Desired], provider: Provider) -> Look:
    """Read recently sent entries as well: a person may have sent a post before its time."""
    seen = looked.seen
    profiles = {wanted.profile.id for wanted in free if wanted.entry.due_at is not None}
    sent = provider.sent(dict.fromkeys(sorted(profiles), seen.read_at - QUEUE_LOOKBACK))
    known = {entry.id for entry in seen.live.sent}
    more = (*seen.live.sent, *(entry for entry in sent if entry.id not in known))
    return replace(looked, seen=replace(seen, live=replace(seen.live, sent=more)))


def must_be_settled(state: State, first: str = "Run `plancast apply` first") -> None:
    """Raise Stop (exit 6) if calls of an earlier run are not settled.

    An entry that such a call may have created must not pass for one that a person made.
    `first` is the hint: an imperative sentence without its end.
    """
    if state.intents:
        from plancast.render.text import count  # noqa: PLC0415

        detail = f"{count(len(state.intents), 'call')} of an earlier run, not settled yet"
        hint = f"{first}; it finds out what became of them."
        raise Stop([problem("PC904", detail, hint=hint)], ExitCode.UNKNOWN)


def _must_be_the_same_account(state: State, looked: Look) -> None:
    account = looked.found.account
    if state.account_id not in ("", account.id):
        detail = f"the state is about account {state.account_id}, not {account.id}"
        hint = "Use a token of that account, or move `.plancast/` away."
        raise Stop([problem("PC704", detail, hint=hint)], ExitCode.REFUSED)


def _show(
    runtime: Runtime,
    format_name: str,
    rebuilt: Rebuilt,
    changes: Mapping[Address, Change],
    looked: Look,
) -> None:
    aliases = {profile.id: alias for alias, profile in looked.asked.profiles.items()}
    if format_name == "json":
        runtime.console.show_json(_plain(rebuilt, changes, aliases))
        return
    from plancast.render.terminal.rebuild import render_rebuild  # noqa: PLC0415

    shown = render_rebuild(rebuilt, changes, aliases, runtime.options(looked.seen.read_at))
    runtime.console.show(shown or "Nothing to rebuild: whatever the files ask for is owned.")


def _plain(
    rebuilt: Rebuilt, changes: Mapping[Address, Change], aliases: Mapping[str, str]
) -> dict[str, object]:
    def live(entry: LiveEntry) -> dict[str, object]:
        return {
            "id": entry.id,
            "profile": aliases.get(entry.profile_id, entry.profile_id),
            "text": entry.entry.text,
            "due_at": time_to_text(entry.due_at),
        }

    def follows(address: Address) -> str:
        change = changes[address]
        situations = [situation.value for situation in change.situations]
        return change.action.value if not situations else situations[0]

    return {
        "matches": [
            {
                "address": str(match.item.address),
                "live": live(match.live),
                "stage": match.stage.value,
                "score": round(match.score, 4),
                "evidence": match.evidence,
            }
            for match in rebuilt.matches
        ],
        "ambiguous": [
            {
                "address": str(asked.item.address),
                "reason": asked.reason,
                "next_plan": follows(asked.item.address),
                "candidates": [
                    {
                        "live": live(candidate.live),
                        "score": round(candidate.score, 4),
                        "evidence": candidate.evidence,
                    }
                    for candidate in asked.candidates
                ],
            }
            for asked in rebuilt.ambiguous
        ],
        "lost": [
            {"address": str(item.address), "next_plan": follows(item.address)}
            for item in rebuilt.lost
        ],
        "foreign": [live(entry) for entry in rebuilt.foreign],
    }
