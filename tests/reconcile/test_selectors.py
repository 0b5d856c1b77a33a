"""Selectors: each must mean exactly one live profile."""

from __future__ import annotations

import pytest

from plancast.model.profile import Profile
from plancast.model.workspace import Selector
from plancast.networks.registry import NETWORKS
from plancast.reconcile.selectors import alias_problems, assume, bind, matches
from plancast.reconcile.slugs import alias_for

X = Profile("p1", "twitter", service_id="77")
LINKEDIN = Profile("p2", "linkedin", service_type="page", username="acme-inc")
OTHER = Profile("p3", "linkedin", service_type="profile", username="Ada")
MASTODON = Profile("p4", "mastodon", username="@acme@mastodon.example")
LIVE = (X, LINKEDIN, OTHER, MASTODON)


@pytest.mark.parametrize(
    ("selector", "profile"),
    [
        (Selector("a", id="p1"), X),
        (Selector("a", service="Twitter"), X),
        (Selector("a", service_id="77"), X),
        (Selector("a", service="linkedin", username="ACME-Inc"), LINKEDIN),
        (Selector("a", service="linkedin", service_type="profile"), OTHER),
        (Selector("a", username="acme@mastodon.example"), MASTODON),
    ],
)
def test_a_selector_means_one(selector: Selector, profile: Profile) -> None:
    bound = bind([selector], LIVE)
    assert bound.profiles == {"a": profile}
    assert bound.diagnostics == ()


@pytest.mark.parametrize(
    ("selectors", "code", "named"),
    [
        ([Selector("a", id="zz")], "PC303", ["zz", "acme-inc", "p4"]),
        ([Selector("a", id="p1", service="linkedin")], "PC303", ["id p1, service linkedin"]),
        ([Selector("a")], "PC303", ["no criteria"]),
        ([Selector("a", service="tiktok")], "PC303", ["connected: no tiktok profile"]),
        ([Selector("a", service="linkedin")], "PC304", ["acme-inc (id p2)", "Ada (id p3)"]),
        ([Selector("a", id="p1"), Selector("b", service="twitter")], "PC305", ["a and b"]),
    ],
)
def test_what_is_wrong_is_told_with_the_candidates(
    selectors: list[Selector], code: str, named: list[str]
) -> None:
    bound = bind(selectors, LIVE)
    assert [item.code for item in bound.diagnostics] == [code]
    assert all(word in bound.diagnostics[0].detail for word in named)


def test_an_account_without_profiles() -> None:
    bound = bind([Selector("a", id="p1")], ())
    assert "no profile at all" in bound.diagnostics[0].detail


@pytest.mark.parametrize(
    ("state", "codes"),
    [
        ({"disconnected": True}, ["PC306"]),
        ({"locked": True}, ["PC308"]),
        ({"paused": True}, ["PC309"]),
        ({"reminders": True}, ["PC527"]),
        ({"disconnected": True, "locked": True, "paused": True}, ["PC306", "PC308", "PC309"]),
    ],
)
def test_a_profile_that_nothing_goes_out_on_is_bound_and_told(
    state: dict[str, bool], codes: list[str]
) -> None:
    disconnected = Profile("p9", "facebook", **state)  # type: ignore[arg-type]
    bound = bind([Selector("a", id="p9")], [disconnected])
    assert bound.profiles == {"a": disconnected}
    assert [item.code for item in bound.diagnostics] == codes


def test_no_criteria_match_nothing() -> None:
    assert not any(matches(Selector("a", timezone="UTC"), profile) for profile in LIVE)


def test_offline_the_remembered_profile_is_taken() -> None:
    assert assume([Selector("a", service_id="77")], LIVE).profiles == {"a": X}


def test_offline_a_profile_is_made_of_the_criteria() -> None:
    made = assume([Selector("a", id="q", timezone="Asia/Tokyo"), Selector("b", service="Twitter")])
    assert made.profiles["a"] == Profile("q", "", timezone="Asia/Tokyo")
    assert made.profiles["b"] == Profile("?b", "twitter")


def test_offline_two_that_fit_are_not_guessed_between() -> None:
    assert assume([Selector("a", service="linkedin")], LIVE).profiles["a"].id == "?a"


@pytest.mark.parametrize("alias", [*NETWORKS, "Twitter", "tumblr"])
@pytest.mark.parametrize("service", [*NETWORKS, "tumblr", ""])
def test_an_alias_named_like_a_network(alias: str, service: str) -> None:
    """An error if it means another one, a warning if it means that one, silence if unknown."""
    profiles = {alias: Profile("1", service), "other": Profile("2", "tumblr")}
    found = [item.severity.value for item in alias_problems([Selector(alias)], profiles)]
    if not service:
        assert found == []
    else:
        assert found == ["warning" if service == alias.casefold() else "error"]


@pytest.mark.parametrize("alias", ["acme-twitter", "x", "tw", "linkedin-2"])
def test_another_alias_is_fine(alias: str) -> None:
    assert list(alias_problems([Selector(alias)], {alias: Profile("1", "twitter")})) == []


@pytest.mark.parametrize("service", NETWORKS)
@pytest.mark.parametrize("handle", ["", "acme", "twitter", "linkedin", "@linkedin@acme.example"])
def test_an_alias_that_plancast_invents_is_no_name_of_a_network(service: str, handle: str) -> None:
    profile = Profile("1", service, username=handle)
    used: list[str] = []
    for _ in range(3):
        used.append(alias_for(profile, used))
    assert len({*used} - {*NETWORKS}) == 3
