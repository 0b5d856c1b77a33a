"""Which old profile is which channel: rules that fit once, and questions for the rest."""

from __future__ import annotations

import pytest

from plancast.model.profile import Profile
from plancast.rebuild.profile_matching import By, doubts, pair_profiles


def it(id: str, service: str = "twitter", service_id: str = "", username: str = "") -> Profile:
    return Profile(id, service, service_id=service_id, username=username)


OLD = it("old", service_id="814", username="acme")

ONE = {
    "the same id": ([OLD], [it("old", username="other")], By.ID),
    "the network's id": ([OLD], [it("new", service_id="814", username="renamed")], By.SERVICE_ID),
    "the name, as X spells it": ([OLD], [it("new", username="@Acme")], By.NAME),
    "the name, though ids are written in two ways": (
        [OLD],
        [it("new", service_id="urn:x:814", username="acme")],
        By.NAME,
    ),
    "the network spelled otherwise": ([OLD], [it("new", "Twitter", "814")], By.SERVICE_ID),
    "the only one": ([it("old")], [it("new", username="acme"), it("li", "linkedin")], By.ALONE),
    "another id there": ([OLD], [it("new", service_id="815")], None),
    "another name there": ([it("old", username="acme")], [it("new", username="other")], None),
    "another network": ([OLD], [it("new", "facebook", "814", "acme")], None),
    "two there": ([it("old")], [it("new"), it("newer")], None),
    "two here": ([it("old"), it("older")], [it("new")], None),
    "two with that id": ([OLD], [it("a", service_id="814"), it("b", service_id="814")], None),
    "id and name speak for two": (
        [OLD],
        [it("a", service_id="814", username="other"), it("b", service_id="815", username="acme")],
        None,
    ),
    "the same id, whatever id and name say": (
        [OLD],
        [it("old", service_id="1"), it("a", service_id="814"), it("b", username="acme")],
        By.ID,
    ),
    "nothing there": ([OLD], [], None),
    "nothing known": ([it("old", "")], [it("new", "")], None),
}


@pytest.mark.parametrize("case", ONE)
def test_a_profile_is_paired_by_the_first_rule_that_fits_once(case: str) -> None:
    old, new, by = ONE[case]
    found = pair_profiles(old, new)
    pairs = {key: (channel.new.id, channel.by) for key, channel in found.items()}
    assert pairs == ({"old": (new[0].id, by)} if by else {})


@pytest.mark.parametrize("case", ONE)
def test_what_is_not_paired_is_asked_about_with_its_network_as_candidates(case: str) -> None:
    old, new, by = ONE[case]
    found = doubts(old, pair_profiles(old, new), new)
    assert [doubt.old.id for doubt in found] == [one.id for one in old if not by]
    for doubt in found:
        same = [one for one in new if doubt.old.service in ("", one.service)]
        assert list(doubt.candidates) == same


def test_a_stronger_rule_takes_its_channel_before_a_weaker_one_looks() -> None:
    old = [it("a", username="acme"), it("b", service_id="814")]
    new = [it("n", service_id="814", username="acme")]
    found = pair_profiles(old, new)
    assert {key: channel.by for key, channel in found.items()} == {"b": By.SERVICE_ID}
    assert [doubt.old.id for doubt in doubts(old, found, new)] == ["a"]


def test_what_a_person_says_goes_first() -> None:
    new = [it("n", service_id="814", username="acme"), it("m", service_id="815")]
    found = pair_profiles([OLD], new, {"old": "m"})
    assert {key: (one.new.id, one.by) for key, one in found.items()} == {"old": ("m", By.GIVEN)}


def test_of_two_networks_each_goes_its_own_way() -> None:
    old = [it("a", "twitter", username="acme"), it("b", "bluesky", username="acme")]
    new = [it("c", "bluesky", username="acme"), it("d", "twitter", username="acme")]
    found = pair_profiles(old, new)
    assert {key: one.new.id for key, one in found.items()} == {"a": "d", "b": "c"}
