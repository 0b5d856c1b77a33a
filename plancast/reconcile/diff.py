"""From pairs to changes: what an apply must do so that the queue holds what the files ask for.

The difference is three-way. *Desired against applied* says what an author
changed; *live against observed* says what a person changed in Buffer (drift).
Neither alone is enough: an edit in a file must not look like drift, and an edit
in Buffer must not look like an edit in a file.

====================  =====================================================
pair                  change
====================  =====================================================
desired only          CREATE, or nothing where its time has passed (missed)
                      or an error stands in the way (rules (c) and (d))
desired, live         ADOPT
desired, bound, live  NONE, UPDATE, ADOPT (Buffer holds it already), RENAME
desired, bound        published: nothing. Gone: CREATE again, or missed
bound, live           DESTROY (published: FORGET; before its time: nothing)
bound only            FORGET
====================  =====================================================

There are no options here: what belongs to us was settled by `match`, what may
not be done is settled by `rails`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from plancast.model.entry import Entry, LiveEntry, LiveStatus, Stage
from plancast.model.entry_fields import FIELD, Comparison, head_of
from plancast.model.features import THE_PROVIDER
from plancast.model.plan import Action, Change, FieldDiff, ProfileRef, Situation
from plancast.model.quoting import shorten
from plancast.model.state import Binding, BindingStatus
from plancast.model.workspace import Desired, OnDrift
from plancast.reconcile.compare import blind_links, drift, field_diffs, live_diffs, same_as_live
from plancast.reconcile.match import Expected, How, Pair
from plancast.reconcile.match_values import lead


@dataclass(frozen=True, slots=True)
class DiffContext:
    """What diff must know beside the pair. `title` is that of the provider."""

    now: datetime
    expected: Expected
    aliases: dict[str, ProfileRef]
    title: str = THE_PROVIDER

    def reference(self, alias: str, profile_id: str, service: str = "") -> ProfileRef:
        """How a profile is named in a change."""
        known = self.aliases.get(profile_id)
        return ProfileRef(alias, profile_id, service or (known.service if known else ""))


def diff(pair: Pair, context: DiffContext) -> Change:
    """The change that one pair needs. Pure, and the same for the same pair."""
    if pair.desired is None:
        return _unwanted(pair, context)
    if pair.how is How.CLAIMED:
        # Whatever its time: the planner holds it until the claim is settled.
        return replace(_base(pair.desired, context), action=Action.CREATE)
    if pair.published is not None:
        return _refused(pair, pair.desired, pair.published, context)
    if pair.binding is None:
        return _unbound(pair, pair.desired, context)
    return _bound(pair, pair.desired, pair.binding, context)


def _unwanted(pair: Pair, context: DiffContext) -> Change:
    """Bound, and no file asks for it any more."""
    binding = pair.binding
    if binding is None:
        raise ValueError(f"{pair.address}: a pair needs a desired or a bound side")
    live = pair.live
    waiting = live is not None and live.status is not LiveStatus.PUBLISHED
    sent = binding.status is BindingStatus.PUBLISHED or (live is not None and not waiting)
    action = Action.DESTROY if waiting else Action.FORGET
    if waiting:
        reason = "no file asks for it"
    elif sent and lead(binding, live):
        # A file that asks for it at that time may come back, or be in another workspace by now.
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
    """Nobody owns it yet: adopt what is there, create it, or say that its time has passed."""
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
    """It may be what went out, or something new: the author has to say."""
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
    live = pair.live
    if binding.status is BindingStatus.PUBLISHED or (
        live is not None and live.status is LiveStatus.PUBLISHED
    ):
        return _published(pair, item, binding, context)
    if live is None:
        return _renamed(_missing(item, binding, context), pair, binding)
    return _renamed(_compared(item, binding, live, context), pair, binding)


def _published(pair: Pair, item: Desired, binding: Binding, context: DiffContext) -> Change:
    """It went out. Nothing can change that, and nothing may create it again."""
    live = pair.live
    edits = field_diffs(binding.applied, item.entry)
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


def _missing(item: Desired, binding: Binding, context: DiffContext) -> Change:
    """It is in no list: somebody removed it in Buffer, or it was lost there."""
    base = replace(_base(item, context), reason="it is gone from the queue")
    lost = field_diffs(Entry(), binding.observed)
    drifted = tuple(FieldDiff(leaf.path, leaf.after, None) for leaf in lost)
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


def _compared(item: Desired, binding: Binding, live: LiveEntry, context: DiffContext) -> Change:
    """Both are there: the three-way comparison."""
    expected = context.expected(item.entry, item.profile)
    edits = field_diffs(binding.applied, item.entry)
    drifted = drift(binding.applied, binding.observed, live, blind=expected.shorten)
    failed = (Situation.FAILED,) if live.status is LiveStatus.FAILED else ()
    base = replace(
        _base(item, context),
        before=live.entry,
        remote_id=live.id,
        due_at=live.due_at,
        situations=failed,
        reason=f"the network refused it: {shorten(live.error)}" if failed else "",
        live=live,
    )
    if not edits and not drifted:
        return base
    if binding.inert and _has_passed(item.entry, context.now):
        return replace(
            base,
            action=Action.DESTROY,
            after=None,
            situations=(Situation.MISSED,),
            reason="it was reserved, and its time passed before it got it; it is never sent late",
        )
    told = (expected.metadata, context.expected(binding.applied, item.profile).metadata)
    blind = item.entry.shorten or expected.shorten
    silent = _silent_edits(edits, live, {key for settings in told for key, _ in settings}, blind)
    if not silent and same_as_live(item.entry, expected, live):
        reason = f"{context.title} holds this already"
        return replace(base, action=Action.ADOPT, drift=drifted, reason=reason)
    if drifted and item.on_drift is not OnDrift.OVERWRITE:
        return _hold_back_edit(base, item, edits, drifted, context.title)
    seen = live_diffs(item.entry, expected, live)
    back = _called_back(item.entry, live, seen)
    return replace(
        base,
        action=Action.UPDATE,
        fields=_merged(_in_their_words(_merged(seen, silent) or edits, edits, drifted), back),
        drift=drifted,
        situations=(*failed, Situation.DRIFTED) if drifted else failed,
        reason=_why(binding, edits, drifted, context.title) or base.reason,
        due_at=item.entry.due_at or live.due_at,
    )


def _in_their_words(
    fields: tuple[FieldDiff, ...], edits: tuple[FieldDiff, ...], drifted: tuple[FieldDiff, ...]
) -> tuple[FieldDiff, ...]:
    """Settings as the author wrote them, where the author changed them: a name, and not its id."""
    changed = {leaf.path for leaf in drifted}
    own = {leaf.path: leaf for leaf in edits if leaf.path not in changed}
    return tuple(
        own.get(leaf.path, leaf) if leaf.path.startswith("metadata.") else leaf for leaf in fields
    )


def _called_back(
    asked: Entry, live: LiveEntry, told: tuple[FieldDiff, ...]
) -> tuple[FieldDiff, ...]:
    """An update sends all that the file says: what a person scheduled or approved waits again.

    What was approved is not what goes out then; and nobody must learn of it by a post that does
    not go out, so the plan shows it.
    """
    stage = live.entry.stage
    if stage.rank <= asked.stage.rank or any(leaf.path == "stage" for leaf in told):
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
    """A person changed it and the author wants that kept, or told."""
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
    """A rename is a matter of the state alone, unless the entry has to be updated as well."""
    if not pair.is_renamed or change.action in (Action.CREATE, Action.DESTROY):
        return change
    kept = change.action in (Action.UPDATE, Action.ADOPT)
    return replace(
        change,
        action=change.action if kept else Action.RENAME,
        before=change.before or binding.observed,
        remote_id=binding.remote_id,
        previous_address=binding.address,
    )


def _base(item: Desired, context: DiffContext) -> Change:
    return Change(
        action=Action.NONE,
        address=item.address,
        profile=context.reference(item.address.profile, item.profile.id, item.profile.service),
        after=item.entry,
        due_at=item.entry.due_at,
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
    told: Collection[str],
    blind: bool,
) -> tuple[FieldDiff, ...]:
    """Edits that cannot be seen in Buffer and so must be sent to take effect.

    Where in the queue an entry was put is done with once it is there. An alternative text that the
    provider tells, and that reads as the file says, needs no request. What went on from a stage is
    taken for being there, until a file calls it back. `told` are the settings that the provider
    reads back. `blind`: links read back as others, so that nobody sees which one is there.
    """
    entry = live.entry
    alts: dict[str, object] = {f"images[{n}].alt": it.alt for n, it in enumerate(entry.images)}
    alts.update(
        (f"thread[{k}].images[{n}].alt", image.alt)
        for k, item in enumerate(entry.thread)
        for n, image in enumerate(item.images)
    )
    settings = {f"metadata.{key}" for key in (*told, *(key for key, _ in entry.metadata))}

    def is_silent(leaf: FieldDiff) -> bool:
        field = FIELD[head_of(leaf.path)]
        if field.compared is Comparison.RANK:
            return Stage(leaf.after).rank < entry.stage.rank
        if leaf.path.endswith(".alt"):
            return leaf.after is None or alts.get(leaf.path) != leaf.after
        if field.compared is Comparison.SUBSET:
            names = getattr(entry, field.name)
            return not {*str(leaf.after).split(", "), ""} <= {*names, ""}
        if blind and _is_other_link(leaf):
            return True
        if field.compared is Comparison.SETTINGS:
            return leaf.path not in settings
        return field.compared is Comparison.INSTRUCTION

    return tuple(leaf for leaf in edits if is_silent(leaf))


def _is_other_link(leaf: FieldDiff) -> bool:
    """Whether texts, or the addresses that end them, differ by links alone."""
    one, two = leaf.before, leaf.after
    return isinstance(one, str) and isinstance(two, str) and blind_links(one) == blind_links(two)


def _merged(seen: tuple[FieldDiff, ...], silent: tuple[FieldDiff, ...]) -> tuple[FieldDiff, ...]:
    known = {leaf.path for leaf in seen}
    return (*seen, *(leaf for leaf in silent if leaf.path not in known))
