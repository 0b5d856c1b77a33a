"""Identity of a state: decide whether a run may use the state that it found. Pure.

Terms. A *place* is where a state is kept: a ref of the remote, or a file. The *own* place of a
workspace is the one that its settings name. A state that was *moved away* leaves a note in its old
place that names the new one.

Premise. The state lists what plancast may destroy. A second workspace that uses it destroys the
posts of the first one; a run that does not find it creates every post a second time. People
rename, copy, clone and fork folders of a repository without thinking of the state. So the state
records its workspace, and a run goes on only if that is itself: by its id, its path in the
checkout, and the queue that it is about.

What follows. Paths are compared with the commit that is checked out, since the work tree may be
in the middle of a change. Every doubtful case is refused with what was seen and what to do. No
code guesses whose posts they are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from plancast.model.diagnostics import Diagnostic, problem
from plancast.model.workspace_identity import Identity


@dataclass(frozen=True, slots=True)
class Kept:
    """A state in some place, reduced to what shows whose it is.

    `identity` is what the state recorded, None if it recorded nothing. `is_empty`: it owns nothing,
    and no call is open. `is_new`: no run has read a queue with it yet. `stands`: it may belong to a
    workspace in another folder of the commit that is checked out. `is_gone`: it does not, and its
    path is another than that of this workspace. `meets`: it owns an address that a file here asks
    for. `moved_to` is the place that holds the state now, "" if that is this one.
    """

    place: str
    identity: Identity | None = None
    is_empty: bool = False
    is_new: bool = False
    is_gone: bool = False
    meets: bool = False
    moved_to: str = ""
    stands: bool = False

    @property
    def shown(self) -> str:
        """Return the state as messages list it: its place, and its workspace in parentheses."""
        whose = self.identity.shown if self.identity else "it does not say whose it is"
        return f"{self.place} ({whose})"


@dataclass(frozen=True, slots=True)
class Sighting:
    """All evidence that a run has before it uses a state.

    `here` is the identity of this workspace. `own` is the state in the own `place`, None if there
    is none. `is_named`: plancast.yaml names that place itself. `others` are the states in other
    places; they are read only if the own place is empty, new, or moved away. `original` names
    another place that has the ref: a second remote, or the project that this one is a fork of.
    `alike` counts live entries that this workspace does not own and that read as its files ask;
    `claimed` counts those of them that another workspace, which still exists, owns. `is_allowed`:
    the run has the flag `--allow-new-state`.
    """

    here: Identity
    place: str
    own: Kept | None = None
    is_named: bool = False
    others: tuple[Kept, ...] = ()
    original: str = ""
    alike: int = 0
    is_allowed: bool = False
    claimed: int = 0


class Course(Enum):
    """The decision about a run: go on, begin a state, use another place, or refuse."""

    GOES_ON = "goes on"
    BEGINS = "begins a new state"
    MOVED = "uses the state of another place"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class IdentityVerdict:
    """The answer of `identify`. `place` is set if the run uses a state from another place."""

    course: Course
    place: str = ""
    refusal: Diagnostic | None = None


_GOES_ON = IdentityVerdict(Course.GOES_ON)
_BEGINS = IdentityVerdict(Course.BEGINS)


def identify(seen: Sighting) -> IdentityVerdict:
    """Decide whether the state that was found is that of this workspace."""
    own = seen.own
    if own is None:
        return _absent(seen)
    if own.moved_to:
        return _for_this_queue(seen, _moved_away(seen, own))
    if own.is_new:
        # A run took the lease and got no further. The checks treat this as no state at all, but the
        # run then goes on with it instead of beginning another one.
        verdict = _absent(seen)
        return _GOES_ON if verdict.course is Course.BEGINS else verdict
    return _present(seen, own)


def _for_this_queue(seen: Sighting, verdict: IdentityVerdict) -> IdentityVerdict:
    """Refuse a state of another place that is about another queue."""
    for one in seen.others:
        if one.place == verdict.place and not is_one_queue(seen.here, one.identity):
            return _another_queue(seen.here, one)
    return verdict


# -- a state in the own place ---------------------------------------------------------------------


def _present(seen: Sighting, own: Kept) -> IdentityVerdict:
    """Decide about a state in the own place that is in use."""
    here, recorded = seen.here, own.identity
    if recorded is None:
        return _unrecorded(seen, own)
    # The queue first: with another provider every owned id would look gone, whatever else fits.
    if not is_one_queue(here, recorded):
        return _another_queue(here, own)
    if _differ(here, own):
        detail = f"{seen.place} is that of {recorded.shown}, and this is {here.shown}"
        return _refused("PC622", detail, _hint_for_another(seen, own))
    # Same id, or no id on one side: it is ours unless its workspace still has another folder.
    if _has_left(here, own):
        return _GOES_ON
    return _two_folders(seen, recorded)


def _hint_for_another(seen: Sighting, own: Kept) -> str:
    """Return what to do about a state of another id in the own place.

    Folders that are swapped, or renamed in a chain, leave the own state in the place of another
    folder. To adopt it would put it over the one that stands here, so its place is named instead.
    """
    here = seen.here
    for one in seen.others:
        is_ours = _is_same(here, one) and is_one_queue(here, one.identity) and _has_left(here, one)
        if is_ours and not (one.is_new or one.moved_to):
            return (
                f"The state of this one is in {one.place}: name that ref in plancast.yaml, "
                f"`state: {{backend: git, ref: {one.place}}}`."
            )
    apart = "keep the states apart: name another ref in `state:`, or move `.plancast/` away."
    if own.stands:
        return (
            "That workspace is still there. If it has another folder now, apply there first, and "
            f"its state goes along. Else {apart}"
        )
    return f"If it is this one's after all: `plancast state adopt {seen.place}`. Else {apart}"


def _two_folders(seen: Sighting, recorded: Identity) -> IdentityVerdict:
    """Refuse a state whose workspace is still in another folder."""
    here = seen.here
    if here.id and here.id == recorded.id:
        return _copy(here, recorded)
    return _refused(
        "PC622",
        f"{seen.place} is that of {recorded.shown}, whose plancast.yaml is still there",
        "Give each workspace a state of its own: name another ref in `state:`, or move "
        "`.plancast/` away. If the folder was renamed, commit that, then run it again.",
    )


def _unrecorded(seen: Sighting, own: Kept) -> IdentityVerdict:
    """Accept a state of an older plancast, which records no identity.

    Its place is derived from the folder and so is proof enough. If plancast.yaml names the place,
    the state must also own an address that is asked for here.
    """
    if not seen.is_named or own.meets or own.is_empty:
        return _GOES_ON
    return _refused(
        "PC622",
        f"{seen.place} does not say whose state it is, and none of what it owns is asked for here",
        f"If it is this one's: `plancast state adopt {seen.place}`. Else name another ref in "
        "`state:`, or leave `ref:` out.",
    )


def _moved_away(seen: Sighting, own: Kept) -> IdentityVerdict:
    """Follow a state from the own place to the one that holds it now."""
    others = {one.place: one for one in seen.others}
    # A state can be moved several times; a ring of notes, left by interrupted moves, has no end.
    known, holder = {own.place}, others.get(own.moved_to)
    while holder is not None and holder.moved_to and holder.place not in known:
        known.add(holder.place)
        holder = others.get(holder.moved_to)
    if holder is None or holder.place in known:
        back = f"; or take it back: `plancast state adopt {seen.place}`"
        is_ours = not (own.stands or _differ(seen.here, own))
        return _refused(
            "PC624",
            f"{seen.place} was moved to {own.moved_to}, which is not there",
            "A run was ended in between. Run any command that writes, such as `plancast apply`, "
            f"where the workspace is now{back if is_ours else ''}.",
        )
    if _differ(seen.here, own):
        return _absent(seen)  # another workspace has taken the folder since
    now = holder.identity or Identity()
    if not _differ(seen.here, holder) and _has_left(seen.here, holder):
        return IdentityVerdict(Course.MOVED, holder.place)
    return _refused(
        "PC624",
        f"{seen.place} was moved to {holder.place}, which is that of {now.shown}",
        "If this commit is from before the move, use a newer one. If this is a copy, give it an id "
        "of its own: `workspace:` in plancast.yaml.",
    )


# -- no state in the own place --------------------------------------------------------------------


def _absent(seen: Sighting) -> IdentityVerdict:
    """Decide if the own place has no state: take over a moved one, refuse, or begin a new one."""
    here = seen.here
    ours = [one for one in seen.others if one.moved_to == seen.place and not _differ(here, one)]
    for one in ours:
        if not one.is_empty:
            # A run ended in the middle of the move: the note in the old place is written, the state
            # in this one is not.
            return _for_this_queue(seen, IdentityVerdict(Course.MOVED, one.place))
    if ours and not seen.is_allowed:
        return _refused(
            "PC624",
            f"{ours[0].place} was moved to {seen.place}, which is not there any more",
            "`plancast import --rebuild` makes the state anew, with `--allow-new-state`.",
        )
    # From here on, look for a state that this workspace had under another folder name.
    known = [one for one in seen.others if not (one.is_new or one.moved_to)]
    standing = [one for one in known if is_one_queue(here, one.identity)]
    mine = [one for one in standing if _is_same(here, one)]
    # Same id, and the other folder still exists: one of the two is a copy.
    copied = [one for one in mine if one.identity and not _has_left(here, one)]
    if copied and copied[0].identity:
        return _copy(here, copied[0].identity)
    # Without an id, an address that a state owns and a file here asks for is evidence enough, if
    # the workspace of that state is gone.
    if not mine:
        mine = [one for one in standing if one.meets and _has_left(here, one)]
    # Two candidates, or one with another id, are for a person to choose from.
    if len(mine) == 1 and not _differ(here, mine[0]):
        return IdentityVerdict(Course.MOVED, mine[0].place)
    if mine and not seen.is_allowed:
        return _refused(
            "PC624",
            f"there is no state in {seen.place}, and it may be in {_listed(mine)}",
            f"Say which one it is: `plancast state adopt {mine[0].place}`. If it is none of them: "
            "`--allow-new-state`.",
        )
    others = [one for one in known if not is_one_queue(here, one.identity)]
    return _left_for_another_queue(seen, others) or _new(seen) or _BEGINS


def _left_for_another_queue(seen: Sighting, others: Iterable[Kept]) -> IdentityVerdict | None:
    """Refuse to begin a state in a folder whose own one waits to be moved here.

    A single plan against the sandbox, made after the folder was renamed, would otherwise occupy the
    place of the real state. A place that plancast.yaml names is meant for another queue.
    """
    if seen.is_named or seen.is_allowed:
        return None
    for one in others:
        is_ours = _is_same(seen.here, one) or (one.meets and not _differ(seen.here, one))
        if one.is_gone and is_ours:
            return _another_queue(seen.here, one)
    return None


def _new(seen: Sighting) -> IdentityVerdict | None:
    """Refuse to begin a new state while there are signs of an old one; None if there are none."""
    if seen.is_allowed:
        return None
    if seen.original:
        return _refused(
            "PC626",
            f"there is no state in {seen.place}, and {seen.original} has one",
            "Run it there, or name that remote: `state: {backend: git, remote: NAME}`. If this "
            "repository has a queue of its own: `--allow-new-state`.",
        )
    if seen.alike:
        entries = "1 live entry is" if seen.alike == 1 else f"{seen.alike} live entries are"
        detail = f"nothing is owned yet, and {entries} just what the files ask for"
        if seen.claimed:
            return _refused(
                "PC625",
                f"{detail}; {seen.claimed} of them another workspace owns, which is still there",
                "If their files moved here: apply there first, which destroys what it owns. If "
                "this is a copy: remove them here. `--allow-new-state` goes on without them.",
            )
        return _refused(
            "PC625",
            detail,
            "`plancast import --rebuild` makes the state anew, `plancast state adopt REF` takes "
            "one over. If there never was one: `--allow-new-state`.",
        )
    return None


# -- whose it is ----------------------------------------------------------------------------------


def _copy(here: Identity, original: Identity) -> IdentityVerdict:
    folder = f"the folder {here.path}" if here.path else "the top of the checkout"
    return _refused(
        "PC621",
        f"{folder} has the id of {original.shown}, whose plancast.yaml is still there",
        "If it is a copy, give it an id of its own: another word for `workspace:` in its "
        "plancast.yaml. If the folder was renamed, commit that, then run it again.",
    )


def _another_queue(here: Identity, one: Kept) -> IdentityVerdict:
    about = one.identity.environment if one.identity else ""
    return _refused(
        "PC623",
        f"{one.place} is about {about}, and plancast.yaml names {here.environment}",
        "Set `provider:` back, or keep the new state elsewhere: move `.plancast/` away, or name "
        "another `ref:` in `state:`.",
    )


def _refused(code: str, detail: str, hint: str) -> IdentityVerdict:
    return IdentityVerdict(Course.REFUSED, refusal=problem(code, detail, hint=hint))


def _is_same(here: Identity, one: Kept) -> bool:
    """Return whether a state recorded the id of this workspace."""
    return bool(here.id) and one.identity is not None and here.id == one.identity.id


def _has_left(here: Identity, one: Kept) -> bool:
    """Return whether the workspace of a state left its folder, or that folder is this one."""
    return one.is_gone or (one.identity is not None and one.identity.path == here.path)


def _differ(here: Identity, one: Kept) -> bool:
    """Return whether a state surely is another workspace's: both have ids, and they differ."""
    recorded = one.identity.id if one.identity else ""
    return bool(here.id and recorded) and here.id != recorded


def is_one_queue(here: Identity, recorded: Identity | None) -> bool:
    """Return whether both are about the same queue; unknown counts as the same."""
    if recorded is None or not (here.environment and recorded.environment):
        return True
    return here.environment == recorded.environment


def _listed(kept: Iterable[Kept]) -> str:
    return ", ".join(one.shown for one in kept)
