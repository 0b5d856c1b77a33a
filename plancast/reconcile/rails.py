"""Rails: rules that refuse or hold back changes although the files ask for them.

A rail reads the changes that `diff` proposes and returns diagnostics; if a policy only holds
something back, it returns changed changes as well. These refuse: too many removals (PC701) or
updates (PC710), an empty workspace (PC702), a post that is due too soon (PC703), another account
(PC704) or API (PC615), a wrong clock (PC705), the removal of what is protected (PC706), and drift
that must fail (PC708). These hold back: a pause (PC707) and a queue that is full. Most have a flag
of their own to override them (`Allowances`); no flag overrides all of them.

`RAIL_CODES` in model/codes.py lists every refusal that ends a command with exit code 4, also those
of other modules: the identity of a workspace, its neighbours and the tip of a branch.

Only a pause applies to strays. Any other rail that held one back would publish it twice.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

from plancast.model.diagnostics import Diagnostic, Severity, problem
from plancast.model.entry import Address, Entry, LiveEntry, Stage
from plancast.model.features import THE_PROVIDER
from plancast.model.plan import Action, Change, Situation
from plancast.model.profile import Account
from plancast.model.state import BindingStatus, State
from plancast.model.workspace import OnDrift, Policy
from plancast.reconcile.failure_reasons import explain
from plancast.reconcile.groups import Hold, hold
from plancast.reconcile.repairs import is_failed, is_moved_away, only_for, way_out
from plancast.reconcile.status import waits, waits_too_long

MAX_CLOCK_SKEW = timedelta(seconds=30)

FIRST_API = "buffer-v1"
"""The API of a state that does not name one: there was no other when it was written."""


@dataclass(frozen=True, slots=True)
class Allowances:
    """The override flags of one run.

    `destroy` and `update` are the numbers of `--allow-destroy` and `--allow-update`, None if the
    flag is missing.
    """

    destroy: int | None = None
    update: int | None = None
    empty: bool = False
    due_soon: bool = False
    account_change: bool = False
    clock_skew: bool = False


@dataclass(frozen=True, slots=True)
class Railed:
    """The result of all rails: changes, some of them held back, and diagnostics."""

    changes: tuple[Change, ...]
    diagnostics: tuple[Diagnostic, ...]


def guard_account(state: State, account: Account | None) -> Diagnostic | None:
    """Refuse a state that is about another account than the token; None if it is about this one."""
    if account is None or not state.account_id or account.id == state.account_id:
        return None
    return problem("PC704", f"the state is about account {state.account_id}, not {account.id}")


def guard_ids(state: State, api: str) -> Diagnostic | None:
    """Refuse a state that holds ids of another API.

    The provider would not know any of them, so every owned entry would look gone and be created
    again.
    """
    owns = bool(state.resources or state.intents)
    known = state.provider or (FIRST_API if owns else "")
    if not (owns and api) or known == api:
        return None
    return problem("PC615", f"it holds the ids of {known}, and the provider speaks {api}")


def guard_world(
    state: State,
    account: Account | None,
    server_time: datetime | None,
    now: datetime,
    allow: Allowances,
) -> tuple[Diagnostic, ...]:
    """Refuse another account than that of the state, and a clock that is off."""
    diagnostics = []
    other = guard_account(state, account)
    if other is not None and not allow.account_change:
        diagnostics.append(other)
    # With a wrong clock, due times and quiet periods would be judged wrongly.
    skew = abs(server_time - now) if server_time else timedelta()
    if skew > MAX_CLOCK_SKEW and not allow.clock_skew:
        seconds = int(skew.total_seconds())
        diagnostics.append(problem("PC705", f"it differs from the provider's by {seconds} seconds"))
    return tuple(diagnostics)


def apply_rails(  # noqa: PLR0913  # everything a rule may look at, each of its own type
    changes: Sequence[Change],
    *,
    policy: Policy,
    state: State,
    now: datetime,
    allow: Allowances,
    drift_rules: Mapping[str, OnDrift],
    asks_for_nothing: bool,
    asked: Collection[tuple[str, Address]] = frozenset(),
    missing: Sequence[str] = (),
    unread: Mapping[str, str] = MappingProxyType({}),
    waiting: Collection[Address] = (),
    codes: Mapping[tuple[str, Address], str] | None = None,
    title: str = THE_PROVIDER,
) -> Railed:
    """Apply all rails to the changes of one plan.

    `drift_rules` maps printed addresses to `on_drift`. `asked` are the addresses that files ask
    for, each with the id of its profile. `asks_for_nothing`: no file asks for anything. `missing`
    are content folders that do not exist. `unread` maps ids of posts to the folder of a tool that
    may hold them, which was not read. `waiting` are addresses that wait for another workspace.
    `codes` has those of deferred changes that do not wait for room, by profile id and address; ""
    for one that is not reported again. `title` is the name of the provider.
    """
    # The pause goes first: the other rails judge only what would still be sent.
    after_pause, paused = _pause(changes, policy)
    diagnostics = [
        *paused,
        *_times(after_pause, policy, now),
        *_due_soon(after_pause, policy, now, allow),
        *_protected(after_pause, state, asked),
        *_too_many(after_pause, state, policy, allow),
        *_too_many_updates(after_pause, state, policy, allow),
        *_drift(after_pause, drift_rules, now),
        *_news(after_pause, state, now, title),
        *_deferred(after_pause, waiting, codes or {}),
    ]
    diagnostics.extend(
        _empty(after_pause, state, allow, missing, unread, asks_for_nothing=asks_for_nothing)
    )
    return Railed(tuple(after_pause), tuple(diagnostics))


_READ_IT = (
    "Remove the mark, or name the folder in `content:` to read it. If its posts are to go, pass "
    "--allow-empty."
)


def _empty(  # noqa: PLR0913  # the three ways in which files go missing
    changes: Sequence[Change],
    state: State,
    allow: Allowances,
    missing: Sequence[str],
    unread: Mapping[str, str],
    *,
    asks_for_nothing: bool,
) -> Iterable[Diagnostic]:
    """Refuse to destroy entries if files may be missing by mistake.

    With --allow-empty a warning remains, for reviewers of the plan.
    """
    owned = any(item.status is BindingStatus.SCHEDULED for item in state.resources.values())
    removals = [change for change in changes if _is_removal(change)]
    destroys = len(removals)
    behind = [unread[one.address.post] for one in removals if one.address.post in unread]
    if behind:
        # The repository still holds these posts, so this reason comes first.
        folders = " and the folder ".join(sorted(set(behind)))
        detail = (
            f"the folder {folders} is not read, as it is marked as that of a tool, and owned "
            f"entries of posts in it would be destroyed: {len(behind)}"
        )
    elif asks_for_nothing and owned:
        detail = "every owned entry would be destroyed"
    elif missing and destroys:
        folders = " and no folder ".join(missing)
        detail = f"there is no folder {folders}, and owned entries would be destroyed: {destroys}"
    else:
        return
    hint = _READ_IT if behind else ""
    hint = "It was allowed with --allow-empty." if allow.empty else hint
    severity = Severity.WARNING if allow.empty else None
    yield problem("PC702", detail, hint=hint, severity=severity)


def defer(
    changes: Sequence[Change], queue: Iterable[LiveEntry], queue_limit: int | None
) -> tuple[Change, ...]:
    """Hold back what does not fit in its profile's queue; the soonest go first.

    Creates take room, and so do updates that schedule a draft or repair a failed entry, which took
    none before. Room is the limit less everything that waits in the queue, entries of other people
    included. Entries that this plan destroys count as gone. A group is deferred as a whole, and
    room that its own destroys free is for its own creates first.
    """
    if queue_limit is None:
        return tuple(changes)
    waiting = Counter(one.profile_id for one in queue if _takes_room(one.entry, one))
    units: dict[str | int, list[int]] = defaultdict(list)
    for number, change in enumerate(changes):
        if _frees_room(change) and not change.group:
            waiting[change.profile.id] -= 1
        elif _enters(change) or change.group:
            units[change.group or number].append(number)
    deferred: dict[int, Hold] = {}
    reason = f"the queue is full ({queue_limit}); the soonest posts go first"
    # Positions stand for changes, since `hold` takes them and a change can occur in equal copies.
    for unit in sorted((_unit(changes, numbers) for numbers in units.values()), key=_urgency):
        if all(waiting[key] + unit.needs[key] <= queue_limit for key in unit.places):
            waiting.update(unit.needs)
        else:
            deferred.update((number, (Situation.DEFERRED, reason)) for number in unit.entering)
    return tuple(hold(changes, deferred))


@dataclass(frozen=True, slots=True)
class _Unit:
    """A group, or one change alone, that is deferred as a whole.

    `entering` are the positions of the changes that take room, `places` the ids of their profiles.
    `needs` is the room that the unit takes on each profile, less the room that it frees. `due` is
    its earliest time.
    """

    entering: tuple[int, ...]
    places: frozenset[str]
    needs: Counter[str]
    due: tuple[datetime, tuple[str, str]]


def _unit(changes: Sequence[Change], numbers: Sequence[int]) -> _Unit:
    entering: list[int] = []
    needs: Counter[str] = Counter()
    for number in numbers:
        change = changes[number]
        if _enters(change):
            entering.append(number)
            needs[change.profile.id] += 1
        elif _frees_room(change):
            needs[change.profile.id] -= 1
    places = frozenset(changes[number].profile.id for number in entering)
    soonest = min(_due(changes[number]) for number in entering or numbers)
    return _Unit(tuple(entering), places, needs, soonest)


def _due(change: Change) -> tuple[datetime, tuple[str, str]]:
    late = datetime.max.replace(tzinfo=UTC)
    return (change.due_at or late, change.sort_key)


def _urgency(unit: _Unit) -> tuple[bool, datetime, tuple[str, str]]:
    """Return a sort key: units that need no extra room first, then by time."""
    return (any(room > 0 for room in unit.needs.values()), *unit.due)


def _enters(change: Change) -> bool:
    """Return whether a change takes room in a queue that its entry did not take before."""
    if change.action is Action.UPDATE:
        return _takes_room(change.after) and not _takes_room(change.before, change.live)
    return change.action is Action.CREATE and _takes_room(change.after)


def _frees_room(change: Change) -> bool:
    return change.action is Action.DESTROY and _takes_room(change.before, change.live)


def _takes_room(entry: Entry | None, live: LiveEntry | None = None) -> bool:
    """Return whether an entry counts against the limit of a queue; drafts and failed ones do not.

    See docs/buffer/graphql.md#words-of-refusals: the limit is one of *scheduled* posts.
    """
    return not is_failed(live) and (entry is None or entry.stage is Stage.SCHEDULED)


def _pause(
    changes: Sequence[Change], policy: Policy
) -> tuple[list[Change], tuple[Diagnostic, ...]]:
    """Hold back every request if `policy.paused` is set."""
    if not policy.paused:
        return list(changes), ()
    sending = {
        number: (Situation.BLOCKED, "publishing is paused")
        for number, change in enumerate(changes)
        if change.action.sends
    }
    after_pause = hold(changes, sending)
    held = "1 change is" if len(sending) == 1 else f"{len(sending):,} changes are"
    return after_pause, (problem("PC707", f"{held} held back"),)


def _times(changes: Sequence[Change], policy: Policy, now: datetime) -> Iterable[Diagnostic]:
    """Report entries that missed their time, and new times that have passed or are too close."""
    sizes = _sizes(changes)
    severity = Severity.ERROR if policy.missed == "fail" else Severity.WARNING
    for change in changes:
        if Situation.MISSED in change.situations:
            # It existed once: `policy.missed` is about posts that never did.
            if change.remote_id:
                yield _about(change, "PC903", change.reason)
                continue
            yield _about(change, "PC405", _at(change, now), severity)
            continue
        if _is_mended_too_late(change, now):
            late = _about(change, "PC537", _at(change, now), severity)
            is_shared = sizes[change.address.post] > 1
            more = f" {only_for(change.address.profile)}" if is_shared else ""
            yield replace(late, hint=f"{late.hint}{more}")
            continue
        if not _moves_in_time(change) or change.after is None or change.after.due_at is None:
            continue
        if change.after.due_at <= now:
            yield _about(change, "PC405", _at(change, now))
        elif change.after.due_at < now + policy.min_lead:
            yield _about(change, "PC406", _at(change, now))


def _sizes(changes: Iterable[Change]) -> Counter[str]:
    """Return for each post the number of its entries."""
    return Counter(change.address.post for change in changes if change.after is not None)


def _moves_in_time(change: Change) -> bool:
    """Return whether a change makes an entry go out that would not, or at another time."""
    if change.action is not Action.UPDATE:
        return change.action is Action.CREATE
    paths = {leaf.path for leaf in change.fields}
    begins = "stage" in paths and change.after and change.after.stage is Stage.SCHEDULED
    return bool(begins) or "due_at" in paths or change.is_repair


def _is_mended_too_late(change: Change, now: datetime) -> bool:
    """Return whether the file of a failed entry was changed, all but its time, which has passed."""
    held_back = {Situation.BLOCKED, Situation.DEFERRED} & set(change.situations)
    due = change.after.due_at if change.after else None
    is_mended = Situation.FAILED in change.situations and bool(change.fields)
    return (
        is_mended and not change.action.sends and not held_back and due is not None and due <= now
    )


def _at(change: Change, now: datetime) -> str:
    moment = change.after.due_at if change.after else None
    if moment is None:
        return ""
    return f"it {'was' if moment <= now else 'is'} due at {_local(moment, change.zone)}"


def _local(moment: datetime, zone: str) -> str:
    return f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M %Z}"


def _due_soon(
    changes: Sequence[Change], policy: Policy, now: datetime, allow: Allowances
) -> Iterable[Diagnostic]:
    """Refuse updates and destroys of entries that may go out before the request arrives."""
    if allow.due_soon:
        return
    for change in changes:
        due = change.live.due_at if change.live else None
        touches = change.action in (Action.UPDATE, Action.DESTROY)
        # A failed entry does not go out, and a stray must go in any case.
        exempt = is_failed(change.live) or Situation.STRAY in change.situations
        # A draft does not go out by itself, even if its time has come.
        goes_out = change.live is not None and change.live.entry.stage is Stage.SCHEDULED
        if due is None or due >= now + policy.due_soon:
            continue
        if touches and goes_out and not exempt:
            yield _about(change, "PC703", f"it goes out at {_local(due, change.zone)}")


def _protected(
    changes: Sequence[Change], state: State, asked: Collection[tuple[str, Address]]
) -> Iterable[Diagnostic]:
    """Refuse to destroy protected entries whose addresses no file asks for any more.

    While a file asks for the address, the post exists: it only changed places with others.
    """
    for change in changes:
        if change.action is not Action.DESTROY or Situation.STRAY in change.situations:
            continue
        binding = state.holder(change.remote_id, change.address)
        if binding and binding.protect and (binding.profile_id, binding.address) not in asked:
            yield _about(change, "PC706", f"{binding.address} is protected")


def _is_removal(change: Change) -> bool:
    """Return whether a change removes an entry that a file asked for: a destroy of no stray."""
    return change.action is Action.DESTROY and Situation.STRAY not in change.situations


def _too_many(
    changes: Sequence[Change], state: State, policy: Policy, allow: Allowances
) -> Iterable[Diagnostic]:
    """Refuse more destroys than `policy.max_destroy` or `--allow-destroy` allows."""
    destroys = sum(1 for change in changes if _is_removal(change))
    owned = _waiting(state)
    limit = destroy_limit(policy, owned)
    if allow.destroy is not None:
        limit = max(limit, allow.destroy)
    if destroys > limit:
        yield problem(
            "PC701",
            f"{destroys} of {owned} owned entries would be destroyed, {limit} may be",
            hint=f"If that is meant, pass --allow-destroy {destroys}.",
        )


def _too_many_updates(
    changes: Sequence[Change], state: State, policy: Policy, allow: Allowances
) -> Iterable[Diagnostic]:
    """Refuse more updates than allowed: a mistake in a file of defaults changes every post."""
    updates = sum(1 for change in changes if _is_edit(change, state))
    owned = _waiting(state)
    limit = update_limit(policy, owned)
    if allow.update is not None:
        limit = max(limit, allow.update)
    if owned and updates > limit:
        yield problem(
            "PC710",
            f"{updates} of {owned} owned entries would be updated, {limit} may be",
            hint=f"If that is meant, pass --allow-update {updates}.",
        )


def _is_edit(change: Change, state: State) -> bool:
    """Return whether an update changes an entry that was complete before.

    The update that ends a two-phase create does not: it gives a reserved entry its own time.
    """
    binding = state.binding(change.previous_address or change.address)
    return change.action is Action.UPDATE and not (binding and binding.inert)


def _waiting(state: State) -> int:
    """Count the owned entries that have not gone out."""
    return sum(1 for item in state.resources.values() if item.status is not BindingStatus.PUBLISHED)


def destroy_limit(policy: Policy, owned: int) -> int:
    """Return how many of `owned` entries one run may destroy.

    A percentage never means less than `policy.max_destroy`, or small workspaces could change
    nothing.
    """
    return _share(policy.max_destroy_percent, policy.max_destroy, owned)


def update_limit(policy: Policy, owned: int) -> int:
    """Return how many of `owned` entries one run may update; see `destroy_limit`."""
    return _share(policy.max_update_percent, policy.max_update, owned)


def _share(percent: int | None, number: int, owned: int) -> int:
    """Return the number; with a percentage, the larger of the number and that part of `owned`."""
    return number if percent is None else max(number, owned * percent // 100)


def _drift(
    changes: Sequence[Change], drift_rules: Mapping[str, OnDrift], now: datetime
) -> Iterable[Diagnostic]:
    """Refuse drift of entries with `on_drift: fail`; report drift that cannot be undone."""
    for change in changes:
        rule = drift_rules.get(str(change.address))
        if rule is OnDrift.FAIL and Situation.DRIFTED in change.situations:
            yield _about(change, "PC708", change.reason)
        elif rule is OnDrift.OVERWRITE and is_moved_away(change, now):
            yield _about(change, "PC538", change.reason)


def _news(
    changes: Sequence[Change],
    state: State,
    now: datetime,
    title: str,
) -> Iterable[Diagnostic]:
    """Report events that an author should read about; none of them stops the plan."""
    sizes = _sizes(changes)
    for change in changes:
        if _is_forgotten(change, state, now) and change.live is not None:
            yield _about(change, "PC910", waits(change.live, now, title), title=title)
        if Situation.PUBLISHED in change.situations and change.fields:
            yield _about(change, "PC901", change.reason)
        if change.live is not None and change.live.reminder and change.action.keeps:
            yield _about(change, "PC907", "schedulingType is `notification`", title=title)
        if Situation.FAILED in change.situations and not change.action.sends:
            yield _refused(change, title, alone=sizes[change.address.post] == 1)


def _deferred(
    changes: Sequence[Change],
    waiting: Collection[Address],
    codes: Mapping[tuple[str, Address], str],
) -> Iterable[Diagnostic]:
    """Report what each deferred change waits for."""
    for change in changes:
        if Situation.DEFERRED not in change.situations:
            continue
        code = codes.get((change.profile.id, change.address), "PC905")
        code = "PC911" if change.address in waiting else code
        if code:
            yield _about(change, code, change.reason)


def _is_forgotten(change: Change, state: State, now: datetime) -> bool:
    """Return whether an entry waits for a person in vain, and will still do so after this plan.

    A reserved entry waits for the next apply, not for a person.
    """
    if change.live is None or not change.action.keeps or not waits_too_long(change.live, now):
        return False
    if change.action is Action.UPDATE and {"due_at", "stage"} & {one.path for one in change.fields}:
        return False
    binding = state.holder(change.remote_id, change.address)
    return binding is None or not binding.inert


def _refused(change: Change, title: str, *, alone: bool) -> Diagnostic:
    """Report a post that failed, in plain words if its reason is a known one.

    `alone`: it is for no other profile, so its file can get another time for all of them.
    """
    meaning, known = explain(change.live.error if change.live else "", title)
    found = _about(change, "PC902", meaning or change.reason, Severity.WARNING)
    hint = known or f"{way_out(change.after or Entry()).capitalize()}."
    return replace(found, hint=hint if alone else f"{hint} {only_for(change.address.profile)}")


def _about(
    change: Change,
    code: str,
    detail: str,
    severity: Severity | None = None,
    title: str = THE_PROVIDER,
) -> Diagnostic:
    address, source = str(change.address), change.source
    return problem(code, detail, address=address, source=source, severity=severity, title=title)
