"""Laws of `migrate`, on whole months of posts."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from plancast.model.plan import Action
from plancast.model.profile import Profile
from plancast.rebuild.migrate import Search, Target, find, migrated
from plancast.reconcile.match import Live
from plancast.reconcile.similarity import wording
from plancast.testing.builders import NOW, live
from tests.rebuild.test_migrate import changes
from tests.reconcile.making import as_it_is, binding, state
from tests.reconcile.months import month


@given(st.integers(0, 10**6), st.booleans())
def test_of_a_disturbed_month_nothing_is_taken_for_another(seed: int, same_ids: bool) -> None:
    """A found entry is the right one, or its exact image; the others are asked about or lost."""
    made_up = month(40, seed)
    bindings = [
        binding(
            str(item.address),
            item.entry,
            remote_id=made_up.truth.get(item.address, "removed") if same_ids else f"v1-{n}",
        )
        for n, item in enumerate(made_up.desired)
    ]
    channels = {f"p-{alias}": Profile(f"p-{alias}", "twitter") for alias in ("acme-x", "acme-fb")}
    found = find(Search(bindings, channels), Live(made_up.live))
    for it in found.moved:
        ours = made_up.truth.get(it.binding.address)
        owned_text, live_text = wording(it.binding.observed.text), wording(it.live.entry.text)
        # If ours is gone or was edited, and a person wrote the same again, no content can decide;
        # if ids stay, it must have been removed, and what is in its place be equal.
        replaced = owned_text.says_the_same(live_text) and (
            not same_ids or (ours is None and it.how == "exact")
        )
        assert ours == it.live.id or replaced
    assert len({it.live.id for it in found.moved}) == len(found.moved)
    places = {it.binding.address for it in found.moved} | set(found.doubtful)
    assert places == {it.address for it in made_up.desired}


@given(st.integers(0, 10**6))
def test_an_undisturbed_month_is_found_whole_and_needs_nothing(seed: int) -> None:
    asked = month(30, seed).desired
    twins = {(it.address.profile, it.entry.text, it.entry.due_at) for it in asked}
    bindings = [binding(str(it.address), it.entry, remote_id=f"r{it.address}") for it in asked]
    world = Live(
        tuple(
            replace(
                live(f"n{it.address}", it.entry, due_at=it.entry.due_at),
                profile_id=f"p-{it.address.profile}",
            )
            for it in asked
        )
    )
    channels = {it.profile.id: it.profile for it in asked}
    found = find(Search(bindings, channels), world)
    if len(twins) == len(asked):
        target = Target("buffer-graphql", "account-2", (), NOW)
        assert {it.how for it in found.moved} == {"exact"}
        assert found.doubtful == ()
        fresh = migrated(state(*bindings), found, channels, as_it_is, target)
        assert {it.action for it in changes(fresh, list(asked), world)} == {Action.NONE}
