"""The plan: a value with everything that is needed to show it or to apply it.

Renderers, the applier, saved files and the exit code all read the same `Plan` and decide nothing
themselves. The counts, the sign of a change and the answer to "is there anything to do" are
defined here only, so no two outputs can disagree.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from plancast.model.diagnostics import Diagnostic, Severity, SourceRange, has_errors
from plancast.model.entry import Address, Entry, LiveEntry, Stage

FORMAT_VERSION = 1


class Action(Enum):
    """The action of an apply on one entry."""

    CREATE = "create"
    UPDATE = "update"
    DESTROY = "destroy"
    ADOPT = "adopt"
    RENAME = "rename"
    FORGET = "forget"
    NONE = "none"

    @property
    def sign(self) -> str:
        """The sign before a change in every output."""
        return _SIGNS[self]

    @property
    def past(self) -> str:
        """The word for what was done."""
        return _PAST[self]

    @property
    def sends(self) -> bool:
        """Whether the action takes a request; the others change the state only."""
        return self in (Action.CREATE, Action.UPDATE, Action.DESTROY)

    @property
    def keeps(self) -> bool:
        """Whether the entry is owned afterwards."""
        return self not in (Action.DESTROY, Action.FORGET)


_SIGNS = {
    Action.CREATE: "+",
    Action.UPDATE: "~",
    Action.DESTROY: "-",
    Action.ADOPT: "=",
    Action.RENAME: ">",
    Action.FORGET: "x",
    Action.NONE: " ",
}


class Situation(Enum):
    """A fact about an entry that is worth reporting besides its action.

    MISSED: its time passed before it was created. DEFERRED: it waits for room, for an equal text to
    be out, or for another workspace. BLOCKED: a policy, an error or an open call holds it back.
    STRAY: see `reconcile.strays`.
    """

    PUBLISHED = "published"
    FAILED = "failed"
    MISSED = "missed"
    DEFERRED = "deferred"
    BLOCKED = "blocked"
    DRIFTED = "drifted"
    STRAY = "stray"


@dataclass(frozen=True, slots=True)
class FieldDiff:
    """One field that differs. `path` is like `text`, `due_at` or `images[0].alt`."""

    path: str
    before: object
    after: object


@dataclass(frozen=True, slots=True)
class ProfileRef:
    """The part of a profile that people and machines need to recognize it.

    `text_limit` is the limit that the texts of the profile were checked by: that of the account if
    it has one of its own, else that of its network. None if neither is known.
    """

    alias: str
    id: str
    service: str
    text_limit: int | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a plan: an entry, and what an apply does to it.

    ========  ======  =====  =========  ================
    action    before  after  remote_id  previous_address
    ========  ======  =====  =========  ================
    CREATE    None    Entry  ""         None
    UPDATE    Entry   Entry  set        any
    DESTROY   Entry   None   set        None
    ADOPT     Entry   Entry  set        any
    RENAME    Entry   Entry  set        Address
    FORGET    Entry   None   set        None
    NONE      any     any    any        None
    ========  ======  =====  =========  ================

    `before` is the entry in the queue, as the provider shows it; `after` is the one that the files
    ask for. `fields` are the differences that make the action necessary, `drift` those that a
    person made in Buffer since the last apply. `due_at` is the effective time to show (an entry for
    the queue has no `after.due_at`). `campaign` and `tags` are the author's, for sorting and
    filtering. `live` is the entry that was read, for binding and for the check that it has not
    changed since. `group` is the name of its group (`reconcile.groups`), "" if it stands alone.
    `held_with` are the addresses that it waits for, or that wait for it. `completes_create`: it is
    the update that ends a two-phase create (`reconcile.two_phase`), and approved as a part of it.

    Raises:
        ValueError: the fields do not match the row of the action in the table.
    """

    action: Action
    address: Address
    profile: ProfileRef
    before: Entry | None = None
    after: Entry | None = None
    fields: tuple[FieldDiff, ...] = ()
    drift: tuple[FieldDiff, ...] = ()
    situations: tuple[Situation, ...] = ()
    reason: str = ""
    source: SourceRange | None = None
    remote_id: str = ""
    previous_address: Address | None = None
    due_at: datetime | None = None
    zone: str = "UTC"
    protect: bool = False
    live: LiveEntry | None = None
    campaign: str = ""
    tags: tuple[str, ...] = ()
    group: str = ""
    held_with: tuple[Address, ...] = ()
    completes_create: bool = False

    def __post_init__(self) -> None:
        _check_table(self)

    @property
    def sort_key(self) -> tuple[str, str]:
        """The sort key of all output: by address."""
        return (self.address.post, self.address.profile)

    @property
    def key(self) -> tuple[Address, str, str, str]:
        """A key that is unique in a plan, in which an address can occur more than once."""
        return (self.address, self.profile.id, self.action.value, self.remote_id)

    @property
    def is_visible(self) -> bool:
        """Whether people want to read about it: it does something, or something happened.

        An entry that was published in an earlier run (without a reason) is no news.
        """
        quiet = (Situation.PUBLISHED,) if not self.reason else ()
        return self.action is not Action.NONE or self.situations not in ((), quiet)

    @property
    def is_repair(self) -> bool:
        """Whether it schedules an entry again that its network refused."""
        return self.action is Action.UPDATE and Situation.FAILED in self.situations

    @property
    def is_removed(self) -> bool:
        """Whether a person removed the entry in Buffer; `drift` then lists all that it held."""
        lost = bool(self.drift) and all(leaf.after is None for leaf in self.drift)
        return lost and self.live is None

    @property
    def stage(self) -> Stage:
        """The stage of the entry once the change is made.

        If a person moved the entry on to a further stage, it stays there, unless the file changes
        the stage.
        """
        if Situation.PUBLISHED in self.situations:
            return Stage.SCHEDULED
        if self.before is None or self.after is None:
            shown = self.after or self.before
            return shown.stage if shown else Stage.SCHEDULED
        # The plan says so itself if it changes the stage; an update that is held does not.
        if any(leaf.path == "stage" for leaf in self.fields):
            return self.after.stage if self.action is Action.UPDATE else self.before.stage
        return max(self.before.stage, self.after.stage, key=lambda stage: stage.rank)

    @property
    def title(self) -> str:
        """The words after the address in every output."""
        words = _TITLES[self.action]
        if self.action is Action.CREATE:
            words += _MADE_AS[self.stage]
        if self.is_repair and self.stage is Stage.SCHEDULED:
            words += " and scheduled again"
        if self.previous_address is not None:
            words = f"{words} (was {self.previous_address})"
        if self.action is Action.NONE and self.situations:
            return ", ".join(situation.value for situation in self.situations)
        return words


_PAST = {
    Action.CREATE: "created",
    Action.UPDATE: "updated",
    Action.DESTROY: "destroyed",
    Action.ADOPT: "adopted",
    Action.RENAME: "renamed",
    Action.FORGET: "forgotten",
    Action.NONE: "left alone",
}

_TITLES = {
    Action.CREATE: "will be created",
    Action.UPDATE: "will be updated",
    Action.DESTROY: "will be destroyed",
    Action.ADOPT: "will be adopted: it is in the queue already",
    Action.RENAME: "will be renamed",
    Action.FORGET: "will be forgotten",
    Action.NONE: "is unchanged",
}

_MADE_AS = {Stage.DRAFT: " as a draft", Stage.NEEDS_APPROVAL: " for approval", Stage.SCHEDULED: ""}

# action -> (before, after, remote id, previous address); None: either is fine.
_TABLE: dict[Action, tuple[bool | None, bool | None, bool | None, bool | None]] = {
    Action.CREATE: (False, True, False, False),
    Action.UPDATE: (True, True, True, None),
    Action.DESTROY: (True, False, True, False),
    Action.ADOPT: (True, True, True, None),
    Action.RENAME: (True, True, True, True),
    Action.FORGET: (True, False, True, False),
    Action.NONE: (None, None, None, False),
}


def _check_table(change: Change) -> None:
    """Refuse a change that does not match the row of its action."""
    before, after, remote_id, previous = _TABLE[change.action]
    facts = (
        ("before", before, change.before is not None),
        ("after", after, change.after is not None),
        ("remote_id", remote_id, bool(change.remote_id)),
        ("previous_address", previous, change.previous_address is not None),
    )
    for name, wanted, present in facts:
        if wanted is not None and wanted != present:
            state = "is missing" if wanted else "must not be set"
            raise ValueError(f"{change.action.value} of {change.address}: {name} {state}")


@dataclass(frozen=True, slots=True)
class Basis:
    """The inputs of a plan, as digests. A saved plan is applied only while all of them hold."""

    content_digest: str
    state_lineage: str
    state_serial: int
    live_digest: str


HIDDEN = "(hidden)"
"""The text shown for entries of other people in outputs that strangers may read."""


@dataclass(frozen=True, slots=True)
class Unmanaged:
    """A live entry that plancast does not own: reported, never touched."""

    profile: ProfileRef
    id: str
    text: str
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RateWindow:
    """A rate limit: at most `limit` requests in any `seconds`; `remaining` are free now."""

    limit: int
    seconds: int
    remaining: int


@dataclass(frozen=True, slots=True)
class Budget:
    """The cost of applying a plan.

    `waits`: if a window is used up, the provider waits for it; otherwise the run ends, and a later
    one goes on.
    """

    requests: int = 0
    eta_seconds: int = 0
    windows: tuple[RateWindow, ...] = ()
    waits: bool = True

    @property
    def fits(self) -> int:
        """The number of its requests that all windows allow now."""
        return min([self.requests, *(max(0, window.remaining) for window in self.windows)])

    @property
    def stops(self) -> bool:
        """Whether one run cannot make all of its requests."""
        return self.fits < self.requests and not self.waits


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that an apply will do.

    `history` counts the posts before `policy.history_before`, which the plan leaves out. `targets`
    and `only` are its scope. `offline_as_of` is set if the plan was made from the state without
    reading the queue.
    """

    generated_at: datetime
    provider: str
    basis: Basis
    account_id: str = ""
    changes: tuple[Change, ...] = ()
    unmanaged: tuple[Unmanaged, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    budget: Budget = Budget()
    offline_as_of: datetime | None = None
    history: int = 0
    targets: tuple[str, ...] = field(default=())
    only: tuple[Action, ...] = ()

    @property
    def scope(self) -> str:
        """The actions that the plan is limited to: `created or updated`; "" for all."""
        return " or ".join(action.past for action in self.only)

    @property
    def visible(self) -> tuple[Change, ...]:
        """The changes that people want to read about, by address."""
        return tuple(change for change in self.changes if change.is_visible)

    @property
    def diagnostics_elsewhere(self) -> tuple[Diagnostic, ...]:
        """The warnings and remarks about files of posts that the plan does not change.

        `plancast validate` reports them too, so views of a plan only count them.
        """
        visible = self.visible
        posts = {change.address.post for change in visible}
        files = {change.source.file for change in visible if change.source is not None}
        return tuple(item for item in self.diagnostics if _is_elsewhere(item, posts, files))

    @property
    def diagnostics_here(self) -> tuple[Diagnostic, ...]:
        """The problems that a reader of the plan must see: all but `diagnostics_elsewhere`."""
        elsewhere = set(self.diagnostics_elsewhere)
        return tuple(item for item in self.diagnostics if item not in elsewhere)

    @property
    def held_by_scope(self) -> tuple[Change, ...]:
        """The changes within the scope that wait for group members outside of it."""
        if not (self.targets or self.only):
            return ()
        return tuple(
            change
            for change in self.changes
            if change.held_with and Situation.BLOCKED in change.situations
        )

    @property
    def has_changes(self) -> bool:
        """Whether an apply would do anything, if only to the state."""
        return any(change.action is not Action.NONE for change in self.changes)

    @property
    def can_apply(self) -> bool:
        """Whether nothing forbids the apply."""
        return not has_errors(self.diagnostics)

    def with_action(self, *actions: Action) -> tuple[Change, ...]:
        """Return the changes with one of these actions, by address."""
        return tuple(change for change in self.changes if change.action in actions)

    @property
    def summary(self) -> Mapping[str, int]:
        """All counts by their names in the JSON form, zeros included."""
        actions = Counter(change.action for change in self.changes)
        situations = Counter(item for change in self.changes for item in change.situations)
        counts = {action.value: actions[action] for action in Action if action is not Action.NONE}
        counts["unchanged"] = sum(
            1 for change in self.changes if change.action is Action.NONE and not change.situations
        )
        counts["unmanaged"] = len(self.unmanaged)
        counts.update((item.value, situations[item]) for item in Situation)
        return counts

    @property
    def headline(self) -> str:
        """The summary line of every output."""
        counts = self.summary
        parts = [
            f"{counts[name]:,} to {name}" for name in _HEADLINE if counts[name] or name in _ALWAYS
        ]
        return "Plan: " + ", ".join(parts) + "."

    @property
    def verdict(self) -> str:
        """The headline; or a sentence if there is nothing to do, or nothing that can be done."""
        if self.has_changes:
            return self.headline
        waiting = {Situation.BLOCKED, Situation.DEFERRED, Situation.MISSED}
        held = sum(1 for change in self.changes if waiting & set(change.situations))
        if held:
            reasons = "with its reason" if held == 1 else "each with its reason"
            return f"Nothing can be done now: {held:,} held back, {reasons}."
        if self.scope:
            return "No changes of this kind."
        failed = sum(1 for change in self.changes if Situation.FAILED in change.situations)
        if failed:
            entries, files = (
                ("1 entry", "its file") if failed == 1 else (f"{failed:,} entries", "their files")
            )
            return f"No changes, but {entries} failed: mend {files}."
        kept = sum(1 for change in self.changes if Situation.DRIFTED in change.situations)
        if kept:
            entries = "1 entry stays" if kept == 1 else f"{kept:,} entries stay"
            return f"No changes: {entries} as a person left it in the queue."
        return "No changes. The queue holds what the files ask for."


_OF_FILES = ("PC1", "PC2", "PC3", "PC4", "PC5")
"""The beginnings of codes that `validate` reports as well."""

_SHARED_FILES = ("plancast.yaml", "_defaults.yaml", "_moves.yaml")
"""The names of files that are about more than one post."""


def _is_elsewhere(item: Diagnostic, posts: Collection[str], files: Collection[str]) -> bool:
    """Return whether a diagnostic is a warning or a remark about none of these posts and files."""
    if item.severity is Severity.ERROR or not item.code.startswith(_OF_FILES):
        return False
    if item.address:
        return item.address.rpartition("@")[0] not in posts
    place = item.source or item.at
    is_of_post = place is not None and not place.file.endswith(_SHARED_FILES)
    return is_of_post and place is not None and place.file not in files


_HEADLINE = ("create", "update", "destroy", "adopt", "rename", "forget")
_ALWAYS = ("create", "update", "destroy")
