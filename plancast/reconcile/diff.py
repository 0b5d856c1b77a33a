"""The three-way difference: turn each pair of `match` into the change that an apply must make.

*Desired against applied* shows what an author changed in a file. *Live against observed* shows
what a person changed in Buffer (drift). One comparison alone could not separate the two: an edit
of a file must not look like drift, and an edit in Buffer must not look like an edit of a file.

====================  ========================================================
the pair has          change
====================  ========================================================
desired only          CREATE; nothing if its time has passed (missed), or if
                      an error stands in the way (rules (c) and (d) of match)
desired, live         ADOPT
desired, bound, live  NONE, UPDATE, ADOPT (Buffer holds it already), RENAME;
                      NONE, UPDATE, CREATE if the network refused it (`repairs`)
desired, bound        nothing if published; CREATE again or missed if gone
bound, live           its file is gone: DESTROY; FORGET if published (NONE
                      before its time)
bound only            FORGET
====================  ========================================================

`order` makes the requests of the changes, and `engine.applier` sends them. No function here takes
an option. `match` has settled which entries are ours; `rails` settles what
may not be done.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from plancast.codec import entry_digest
from plancast.model.entry import Entry, Image, LiveEntry, LiveStatus, Stage
from plancast.model.entry_fields import FIELD, Comparison, head_of
from plancast.model.features import THE_PROVIDER
from plancast.model.plan import Action, Change, FieldDiff, ProfileRef, Situation
from plancast.model.state import Binding, BindingStatus
from plancast.model.workspace import Desired, OnDrift
from plancast.reconcile.compare import (
    blind_links,
    drift,
    field_diffs,
    is_as_seen,
    live_diffs,
    same_as_live,
)
from plancast.reconcile.match import Expected, How, Pair
from plancast.reconcile.match_values import lead
from plancast.reconcile.repairs import (
    FAILED,
    failure,
    is_failed,
    moved_away,
    recreated,
    too_late,
    why_again,
)


@dataclass(frozen=True, slots=True)
class DiffContext:
    """The inputs of `diff` besides the pair.

    `expected` returns an entry as it reads back. `aliases` are references to profiles by id,
    `title` is the name of the provider in messages. `edits_failed` as in `Capabilities`.
    """

    now: datetime
    expected: Expected
    aliases: dict[str, ProfileRef]
    title: str = THE_PROVIDER
    edits_failed: bool = True

    def reference(self, alias: str, profile_id: str, service: str = "") -> ProfileRef:
        """Return the reference by which a change names a profile."""
        known = self.aliases.get(profile_id)
        if known is None:
            return ProfileRef(alias, profile_id, service)
        if known.alias == alias and known.service == (service or known.service):
            return known  # one reference is shared by all changes of a profile
        return replace(known, alias=alias, service=service or known.service)


def diff(pair: Pair, context: DiffContext) -> Change:
    """Return the change that one pair needs.

    Raises:
        ValueError: the pair has neither a desired nor a bound side.
    """
    if pair.desired is None:
        return _unwanted(pair, context)
    if pair.how is How.CLAIMED:
        # A create even if its time has passed: the planner holds it until the claim is settled.
        return replace(_base(pair.desired, context), action=Action.CREATE)
    if pair.published is not None:
        return _refused(pair, pair.desired, pair.published, context)
    if pair.binding is None:
        return _unbound(pair, pair.desired, context)
    return _bound(pair, pair.desired, pair.binding, context)


def _unwanted(pair: Pair, context: DiffContext) -> Change:
    """Return the change for an owned entry that no file asks for any more."""
    binding = pair.binding
    if binding is None:
        raise ValueError(f"{pair.address}: a pair needs a desired or a bound side")
    live = pair.live
    waiting = live is not None and live.status is not LiveStatus.PUBLISHED
    sent = binding.status is BindingStatus.PUBLISHED or (live is not None and not waiting)
    # A live entry in the queue takes a request; one that went out or is gone, only the state.
    action = Action.DESTROY if waiting else Action.FORGET
    if waiting:
        reason = "no file asks for it"
    elif sent and lead(binding, live):
        # A file that asks for it at that time may come back, or may be in another workspace now.
        # Forgotten, the entry would be created there and go out a second time.
        action, reason = Action.NONE, "it went out before its time, and is known until then"
    else:
        reason = "it was published" if sent else "it is gone from the queue"
    return Change(
        action=action,
        address=pair.address,
        profile=context.reference(pair.address.profile, binding.profile_id),
        before=live.entry if live else binding.observed,
        remote_id=binding.remote_id,
        reason=reason,
        due_at=live.due_at if live else binding.due_at,
        live=live,
    )


def _unbound(pair: Pair, item: Desired, context: DiffContext) -> Change:
    """Return the change for a desired entry without a binding: adopt, create, or missed."""
    base = _base(item, context)
    live = pair.live
    if live is not None:
        sent = live.status is LiveStatus.PUBLISHED
        return replace(
            base,
            action=Action.ADOPT,
            before=live.entry,
            remote_id=live.id,
            due_at=live.sent_at if sent else live.due_at,
            situations=(Situation.PUBLISHED,) if sent else (),
            reason="it was published already" if sent else "",
            live=live,
        )
    if _has_passed(item.entry, context.now):
        return replace(
            base,
            situations=(Situation.MISSED,),
            reason="its time passed before it ever existed; it is never sent late",
        )
    return replace(base, action=Action.CREATE)


def _refused(pair: Pair, item: Desired, published: Binding, context: DiffContext) -> Change:
    """Block an entry that may be a published one or a new one: only its author can say."""
    if pair.how is How.OCCUPIED:
        reason = "it was published already, and its file was changed since"
    else:
        reason = f"nearly the same text was published as {published.address}"
    return replace(
        _base(item, context),
        before=published.observed,
        remote_id=published.remote_id,
        fields=field_diffs(published.applied, item.entry),
        situations=(Situation.BLOCKED,),
        reason=reason,
    )


def _bound(pair: Pair, item: Desired, binding: Binding, context: DiffContext) -> Change:
    """Return the change for a desired entry with a binding."""
    live = pair.live
    # Published first: neither an edit nor a missing live entry may lead to a second publication.
    if binding.status is BindingStatus.PUBLISHED or (
        live is not None and live.status is LiveStatus.PUBLISHED
    ):
        return _published(pair, item, binding, context)
    if live is None:
        return _renamed(_missing(item, binding, context), pair, binding)
    return _renamed(_compared(item, binding, live, context), pair, binding)


def _published(pair: Pair, item: Desired, binding: Binding, context: DiffContext) -> Change:
    """Return a change that sends nothing: the entry went out and must not be created again."""
    live = pair.live
    edits = field_diffs(binding.applied, item.entry)
    if edits and _is_settled(item, binding, live, context):
        edits = ()
    reason = ""
    if edits:
        reason = "it was published; the edit of its file has no effect"
    elif binding.status is not BindingStatus.PUBLISHED:
        reason = "it went out"
    change = replace(
        _base(item, context),
        before=binding.observed,
        remote_id=binding.remote_id,
        fields=edits,
        situations=(Situation.PUBLISHED,),
        reason=reason,
        due_at=(live.sent_at if live else None) or binding.sent_at or binding.due_at,
        live=live,
    )
    return _renamed(change, pair, binding)


def _is_settled(
    item: Desired, binding: Binding, live: LiveEntry | None, context: DiffContext
) -> bool:
    """Return whether the edit of a published entry needs no warning: it went out so, or was seen.

    A file says what went out if a person's edit was pulled and no apply came in between. A time
    that is still to come is always reported: its author may wait for it.
    """
    due_at = item.entry.due_at
    if due_at is not None and due_at > context.now:
        return False
    if binding.ignored_edit == entry_digest(item.entry):
        return True
    # An entry for the queue has no time that shows which post of this text it is.
    if live is None or due_at is None:
        return False
    return same_as_live(item.entry, context.expected(item.entry, item.profile), live)


def _missing(item: Desired, binding: Binding, context: DiffContext) -> Change:
    """Return the change for an owned entry that is in no list: removed or lost in Buffer."""
    base = replace(_base(item, context), reason="it is gone from the queue")
    lost = field_diffs(Entry(), binding.observed)
    drifted = tuple(FieldDiff(leaf.path, leaf.after, None) for leaf in lost)
    # An entry for the queue has no time of its own: the slot that it had counts instead.
    if _has_passed(item.entry, context.now) or (
        item.entry.due_at is None and binding.due_at is not None and binding.due_at <= context.now
    ):
        return replace(
            base,
            before=binding.observed,
            remote_id=binding.remote_id,
            situations=(Situation.MISSED,),
            reason="it is gone from the queue and is not among what was sent",
        )
    if item.on_drift is OnDrift.OVERWRITE:
        return replace(
            base,
            action=Action.CREATE,
            drift=drifted,
            situations=(Situation.DRIFTED,),
            reason=f"it was removed in {context.title}",
        )
    held_back = (Situation.DRIFTED, Situation.BLOCKED)
    return replace(
        base,
        before=binding.observed,
        remote_id=binding.remote_id,
        drift=drifted,
        situations=held_back if item.on_drift is OnDrift.FAIL else (Situation.DRIFTED,),
        reason=f"it was removed in {context.title}; on_drift says {item.on_drift.value}",
    )


@dataclass(frozen=True, slots=True)
class _Sides:
    """A desired entry, its binding and its live entry, with both differences between them.

    `edits` are those of the file since the last apply, `drifted` those of a person in Buffer.
    """

    item: Desired
    binding: Binding
    live: LiveEntry
    edits: tuple[FieldDiff, ...]
    drifted: tuple[FieldDiff, ...]


def _compared(item: Desired, binding: Binding, live: LiveEntry, context: DiffContext) -> Change:
    """Compare desired, applied, observed and live, and return the change that follows."""
    edits = field_diffs(binding.applied, item.entry)
    base = _base(item, context, live)
    if not edits and not is_failed(live) and is_as_seen(binding.applied, binding.observed, live):
        return base
    expected = context.expected(item.entry, item.profile)
    drifted = drift(binding.applied, binding.observed, live, blind=expected.shorten)
    sides = _Sides(item, binding, live, edits, drifted)
    if is_failed(live):
        return _failed(sides, base, context)
    if not edits and not drifted:
        return base
    # A reserved entry is due years from now. If its real time has passed it would never go out.
    if binding.inert and _has_passed(item.entry, context.now):
        return replace(
            base,
            action=Action.DESTROY,
            after=None,
            situations=(Situation.MISSED,),
            reason="it was reserved, and its time passed before it got it; it is never sent late",
        )
    # Someone made the same edit in Buffer by hand: no request, only the state has to learn it.
    if not _silent(sides, context) and same_as_live(item.entry, expected, live):
        reason = f"{context.title} holds this already"
        return replace(base, action=Action.ADOPT, drift=drifted, reason=reason)
    return _updated(sides, base, context)


def _updated(sides: _Sides, base: Change, context: DiffContext) -> Change:
    """Return the update for an entry that differs from its file, unless the difference stays."""
    item, edits, drifted = sides.item, sides.edits, sides.drifted
    if drifted and item.on_drift is not OnDrift.OVERWRITE:
        return _hold_back_edit(base, item, edits, drifted, context.title)
    situations = (Situation.DRIFTED,) if drifted else ()
    if not edits and _is_too_late_to_undo(item, drifted, context.now):
        reason = moved_away(context.title)
        return replace(base, drift=drifted, situations=situations, reason=reason)
    return replace(
        base,
        action=Action.UPDATE,
        fields=_sent_fields(sides, context),
        drift=drifted,
        situations=situations,
        reason=_why(sides.binding, edits, drifted, context.title),
        due_at=item.entry.due_at or sides.live.due_at,
        completes_create=sides.binding.inert,
    )


def _is_too_late_to_undo(item: Desired, drifted: tuple[FieldDiff, ...], now: datetime) -> bool:
    """Return whether a person moved the entry away from a time that has passed meanwhile.

    Most likely it failed, and the person scheduled it again.
    """
    return _has_passed(item.entry, now) and any(leaf.path == "due_at" for leaf in drifted)


def _failed(sides: _Sides, base: Change, context: DiffContext) -> Change:
    """Return the change for an entry that its network refused: nothing, or its repair.

    It is never adopted: what a person wrote into it is in Buffer, and still does not go out.
    """
    item, live, title = sides.item, sides.live, context.title
    base = replace(base, situations=FAILED, reason=failure(live, item.entry, title))
    holds = item.on_drift is OnDrift.FAIL or (sides.edits and item.on_drift is OnDrift.KEEP)
    if sides.drifted and holds:
        return _hold_back_edit(base, item, sides.edits, sides.drifted, title)
    situations = (*FAILED, Situation.DRIFTED) if sides.drifted else FAILED
    base = replace(base, drift=sides.drifted, situations=situations)
    # Drift alone repairs nothing: the file is what was reviewed, and it failed.
    if not sides.edits:
        return base
    if _has_passed(item.entry, context.now):
        return too_late(base, sides.edits, title)
    if not context.edits_failed:
        return recreated(base, title)
    return replace(
        base,
        action=Action.UPDATE,
        fields=_sent_fields(sides, context),
        reason=why_again(live, title),
        # The slot in which an entry for the queue was tried is over.
        due_at=item.entry.due_at,
    )


def _silent(sides: _Sides, context: DiffContext) -> tuple[FieldDiff, ...]:
    """Return the edits of the file that the live entry cannot show."""
    item, applied, live = sides.item, sides.binding.applied, sides.live
    expected = context.expected(item.entry, item.profile)
    read_back = (expected.metadata, context.expected(applied, item.profile).metadata)
    reported = {key for settings in read_back for key, _ in settings}
    blind = item.entry.shorten or expected.shorten
    alts = _alts_to_send(applied, item.entry)
    return _silent_edits(sides.edits, live, reported, alts, blind=blind)


def _sent_fields(sides: _Sides, context: DiffContext) -> tuple[FieldDiff, ...]:
    """Return what an update changes in Buffer: what is visible there, then edits that are not.

    If neither shows anything, the edits of the file are all there is to show.
    """
    entry, live = sides.item.entry, sides.live
    seen = live_diffs(entry, context.expected(entry, sides.item.profile), live)
    changed = _merged(seen, _silent(sides, context)) or sides.edits
    back = _called_back(entry, live, seen)
    return _merged(_in_their_words(changed, sides.edits, sides.drifted), back)


def _in_their_words(
    fields: tuple[FieldDiff, ...], edits: tuple[FieldDiff, ...], drifted: tuple[FieldDiff, ...]
) -> tuple[FieldDiff, ...]:
    """Show settings that the author changed in the author's words: a name instead of its id.

    Live settings hold ids. If a person changed the same setting in Buffer, the live side stays.
    """
    changed = {leaf.path for leaf in drifted}
    own = {leaf.path: leaf for leaf in edits if leaf.path not in changed}
    return tuple(
        own.get(leaf.path, leaf) if leaf.path.startswith("metadata.") else leaf for leaf in fields
    )


def _called_back(
    asked: Entry, live: LiveEntry, shown: tuple[FieldDiff, ...]
) -> tuple[FieldDiff, ...]:
    """Return the change of stage that an update causes: a scheduled draft becomes a draft again.

    An update sends the whole entry, its stage included. What a person scheduled or approved in
    Buffer is then not what would go out, so it waits for that person again. The plan must show
    this, or people would notice only when the post does not go out.
    """
    stage = live.entry.stage
    if stage.rank <= asked.stage.rank or any(leaf.path == "stage" for leaf in shown):
        return ()
    return (FieldDiff("stage", stage.value, asked.stage.value),)


def _why(
    binding: Binding, edits: tuple[FieldDiff, ...], drifted: tuple[FieldDiff, ...], title: str
) -> str:
    if binding.inert:
        return "it was only reserved so far"
    return f"it was changed in {title}" if drifted and not edits else ""


def _hold_back_edit(
    base: Change,
    item: Desired,
    edits: tuple[FieldDiff, ...],
    drifted: tuple[FieldDiff, ...],
    title: str,
) -> Change:
    """Plan no update for live drift with `on_drift: keep` or `on_drift: fail`."""
    blocked = bool(edits) or item.on_drift is OnDrift.FAIL
    situations = (Situation.DRIFTED, Situation.BLOCKED) if blocked else (Situation.DRIFTED,)
    reason = f"it was changed in {title}; on_drift says {item.on_drift.value}"
    if edits and item.on_drift is OnDrift.KEEP:
        reason += ", so the edit of its file is held back"
    return replace(
        base,
        fields=edits,
        drift=drifted,
        situations=(*base.situations, *situations),
        reason=reason,
    )


def _renamed(change: Change, pair: Pair, binding: Binding) -> Change:
    """Add the old address to a change; a change that does nothing else becomes a RENAME.

    A rename changes the state alone, unless the entry is updated or adopted in the same step.
    """
    if not pair.is_renamed or change.action in (Action.CREATE, Action.DESTROY):
        return change
    # A create gets a new id and a destroy has no new address, so neither carries a rename.
    kept = change.action in (Action.UPDATE, Action.ADOPT)
    return replace(
        change,
        action=change.action if kept else Action.RENAME,
        before=change.before or binding.observed,
        remote_id=binding.remote_id,
        previous_address=binding.address,
    )


def _base(item: Desired, context: DiffContext, live: LiveEntry | None = None) -> Change:
    """Return the change that does nothing, for a desired entry and maybe its live one."""
    return Change(
        action=Action.NONE,
        address=item.address,
        profile=context.reference(item.address.profile, item.profile.id, item.profile.service),
        before=live.entry if live else None,
        after=item.entry,
        remote_id=live.id if live else "",
        due_at=live.due_at if live else item.entry.due_at,
        live=live,
        zone=item.zone,
        protect=item.protect,
        campaign=item.campaign,
        tags=item.tags,
    )


def _has_passed(entry: Entry, now: datetime) -> bool:
    return entry.due_at is not None and entry.due_at <= now


def _silent_edits(
    edits: tuple[FieldDiff, ...],
    live: LiveEntry,
    reported: Collection[str],
    alts_to_send: Collection[str],
    *,
    blind: bool,
) -> tuple[FieldDiff, ...]:
    """Return the edits that cannot be seen in Buffer and so must be sent to take effect.

    The position in the queue is no such edit: it counts only when an entry is created. Neither is
    an alternative text that the provider reports and that reads as the file says. A new stage in
    the file is one if the live entry is further on: comparison takes that for no difference.
    `reported` are the keys of the settings that the provider reads back, `alts_to_send` the paths
    of alternative texts that changed for their image. With `blind`, links read
    back as other links, so the live text cannot show which one is there.
    """
    entry = live.entry
    alts = {f"{path}.alt": image.alt for path, image in _images(entry)}
    settings = {f"metadata.{key}" for key in (*reported, *(key for key, _ in entry.metadata))}

    def is_silent(leaf: FieldDiff) -> bool:
        """Return whether the live entry cannot show this edit, so that only sending makes it so."""
        field = FIELD[head_of(leaf.path)]
        if field.compared is Comparison.RANK:
            return Stage(leaf.after).rank < entry.stage.rank
        if leaf.path.endswith(".alt"):
            is_there = leaf.after is not None and alts.get(leaf.path) == leaf.after
            return leaf.path in alts_to_send and not is_there
        if field.compared is Comparison.SUBSET:
            # `same_as_live` ignores tags, so a tag that the live entry lacks must be sent.
            names = getattr(entry, field.name)
            return not {*str(leaf.after).split(", "), ""} <= {*names, ""}
        if blind and is_other_link(leaf):
            return True
        if field.compared is Comparison.SETTINGS:
            return leaf.path not in settings
        return field.compared is Comparison.INSTRUCTION

    return tuple(leaf for leaf in edits if is_silent(leaf))


def _images(entry: Entry) -> Iterator[tuple[str, Image]]:
    """Yield the images of an entry and of its thread, each with its path."""
    yield from ((f"images[{n}]", image) for n, image in enumerate(entry.images))
    for k, item in enumerate(entry.thread):
        yield from ((f"thread[{k}].images[{n}]", image) for n, image in enumerate(item.images))


def _alts_to_send(applied: Entry, asked: Entry) -> frozenset[str]:
    """Return the paths of the alternative texts that an apply must send to take effect.

    An image that was removed has none, and one that only moved to another place still has its own.
    One that was not there before has none to take away.
    """
    known = {(image.url, image.file, image.alt) for _, image in _images(applied)}
    before = {(image.url, image.file) for _, image in _images(applied)}
    return frozenset(
        f"{path}.alt"
        for path, image in _images(asked)
        if (image.url, image.file, image.alt) not in known
        and (image.alt or (image.url, image.file) in before)
    )


def is_other_link(leaf: FieldDiff) -> bool:
    """Return whether the two sides of a leaf are texts, or addresses, that differ by links only."""
    one, two = leaf.before, leaf.after
    return isinstance(one, str) and isinstance(two, str) and blind_links(one) == blind_links(two)


def _merged(seen: tuple[FieldDiff, ...], silent: tuple[FieldDiff, ...]) -> tuple[FieldDiff, ...]:
    """Return both, without silent leaves whose paths are seen already."""
    known = {leaf.path for leaf in seen}
    return (*seen, *(leaf for leaf in silent if leaf.path not in known))
