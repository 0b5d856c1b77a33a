"""`plancast import --rebuild`: own again what is ours, after the state was lost.

Nothing is sent but reads, no file is written. What is bound is what the next
plan would otherwise have adopted, created a second time or left alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from plancast.codec import time_to_text
from plancast.commands._shared.plan_session import Look, Scope, checked_files, decide, look
from plancast.commands._shared.state_access import holding
from plancast.model.diagnostics import problem
from plancast.model.entry import Address, LiveEntry
from plancast.model.exit_codes import ExitCode, Stop
from plancast.model.plan import Change
from plancast.model.ports import Provider
from plancast.model.state import State
from plancast.model.workspace import Desired
from plancast.rebuild.rebuild import Rebuilt, owning, rebuild
from plancast.reconcile.lookups import QUEUE_LOOKBACK

if TYPE_CHECKING:
    from plancast.app.context import Runtime, StateAccess


def run_rebuild(
    runtime: Runtime, access: StateAccess, *, auto_approve: bool, format_name: str
) -> ExitCode:
    """Match, show it with what comes of the rest, ask, bind. PARTIAL where questions are left.

    What other workspaces own is left to them.
    """
    loaded = checked_files(runtime)
    connected = runtime.connect()
    provider = connected.provider
    stores = runtime.open_stores(access)
    with holding(stores, runtime.system_clock, "import --rebuild") as held:
        state = held.state()
        must_be_settled(state)
        looked = look(loaded, provider, connected.clock, state)
        _must_be_the_same_account(state, looked)
        free = [item for item in looked.asked.desired if item.address not in state.resources]
        elsewhere = cache(stores.claimed_elsewhere)
        owned = state.owned_ids() | elsewhere(looked.found.account.id)
        looked = _with_sent(looked, free, provider)
        found = rebuild(free, looked.seen.live, owned, provider.expected)
        bound = state.bind(*(owning(match, provider.expected) for match in found.matches))
        scope = Scope(allow_new_state=True)
        planned = decide(loaded, provider, bound, looked, scope, elsewhere=elsewhere)
        changes = {item.address: item for item in planned.plan.changes if item.after is not None}
        _show(runtime, format_name, found, changes, looked)
        if found.matches:
            count = len(found.matches)
            if not auto_approve and not runtime.console.confirm(f"Own what was found ({count})?"):
                runtime.console.say("Nothing was done.")
                return ExitCode.ERROR
            held.write(planned.state)
            runtime.console.say(f"Owned again: {count}. `plancast plan` shows what differs.")
    return ExitCode.PARTIAL if found.ambiguous else ExitCode.DONE


def _with_sent(looked: Look, free: Sequence[Desired], provider: Provider) -> Look:
    """Read what went out lately as well: a person may have sent a post before its time."""
    seen = looked.seen
    profiles = {item.profile.id for item in free if item.entry.due_at is not None}
    sent = provider.sent(dict.fromkeys(sorted(profiles), seen.read_at - QUEUE_LOOKBACK))
    known = {entry.id for entry in seen.live.sent}
    more = (*seen.live.sent, *(entry for entry in sent if entry.id not in known))
    return replace(looked, seen=replace(seen, live=replace(seen.live, sent=more)))


def must_be_settled(state: State, first: str = "Run `plancast apply` first") -> None:
    """An entry of which we may be the author must not be taken for somebody else's. Raises Stop.

    `first`: what is to be done.
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
    found: Rebuilt,
    changes: Mapping[Address, Change],
    looked: Look,
) -> None:
    aliases = {profile.id: alias for alias, profile in looked.asked.profiles.items()}
    if format_name == "json":
        runtime.console.show_json(_plain(found, changes, aliases))
        return
    from plancast.render.terminal.rebuild import render_rebuild  # noqa: PLC0415

    shown = render_rebuild(found, changes, aliases, runtime.options(looked.seen.read_at))
    runtime.console.show(shown or "Nothing to rebuild: whatever the files ask for is owned.")


def _plain(
    found: Rebuilt, changes: Mapping[Address, Change], aliases: Mapping[str, str]
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
            for match in found.matches
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
            for asked in found.ambiguous
        ],
        "lost": [
            {"address": str(item.address), "next_plan": follows(item.address)}
            for item in found.lost
        ],
        "foreign": [live(entry) for entry in found.foreign],
    }
