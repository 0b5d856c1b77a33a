"""From posts to entries: profiles, layers, zones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from plancast.model.diagnostics import Pointer
from plancast.model.entry import Address, Image, Link, QueuePosition, Stage, ThreadItem, Video
from plancast.model.profile import Profile
from plancast.model.workspace import (
    OnDrift,
    Policy,
    Post,
    PostFields,
    PostStatus,
    Schedule,
    Selector,
    Workspace,
)
from plancast.reconcile.expand import Expansion, expand

PROFILES = {
    "x": Profile("p1", "twitter"),
    "li": Profile("p2", "linkedin"),
    "fb": Profile("p3", "facebook"),
}
SPACE = Workspace(
    root="",
    timezone="Europe/Berlin",
    profiles=(
        Selector("x", id="p1"),
        Selector("li", id="p2"),
        Selector("fb", id="p3", timezone="America/New_York"),
    ),
    groups={"all": ("x", "li"), "more": ("li", "fb")},
)
NOON = Schedule("2026-12-01 12:00")


def post(name: str = "a", variants: Mapping[str, PostFields] | None = None, **values: Any) -> Post:
    fields: dict[str, Any] = {"text": "Hello", "profiles": ("li",), **values}
    return Post(name, Pointer(f"{name}.yaml"), PostFields(**fields), variants or {})


def codes(found: Expansion) -> list[str]:
    return [item.code for item in found.diagnostics]


def only(found: Expansion) -> Any:
    assert found.diagnostics == ()
    (item,) = found.desired
    return item


@pytest.mark.parametrize(
    ("named", "aliases"),
    [
        (("x",), ["x"]),
        (("li", "x"), ["li", "x"]),
        (("@all",), ["x", "li"]),
        (("@all", "@more", "x"), ["x", "li", "fb"]),
    ],
)
def test_profiles_and_groups_each_once(named: tuple[str, ...], aliases: list[str]) -> None:
    found = expand(SPACE, [post(profiles=named)], PROFILES)
    assert [item.address for item in found.desired] == [Address("a", alias) for alias in aliases]


@pytest.mark.parametrize(
    ("named", "code", "hint"),
    [
        (("lii",), "PC301", "Did you mean li?"),
        (("zzzz",), "PC301", "Known: fb, li, x."),
        (("twitter",), "PC301", "Profiles have the names of plancast.yaml: write x."),
        (("acme-linkedin",), "PC301", "Did you mean li?"),
        (("@al",), "PC302", "Did you mean all?"),
        (("@",), "PC302", "Known: all, more."),
    ],
)
def test_an_unknown_name_is_told_where_it_stands(
    named: tuple[str, ...], code: str, hint: str
) -> None:
    found = expand(SPACE, [post(profiles=("li", *named))], PROFILES)
    (trouble,) = found.diagnostics
    assert (trouble.code, trouble.hint) == (code, hint)
    assert trouble.at == Pointer("a.yaml", 0, ("profiles", 1))
    assert [item.address.profile for item in found.desired] == ["li"]


def test_layers_the_alias_wins() -> None:
    variants = {
        "linkedin": PostFields(text="for linkedin", campaign="c"),
        "li": PostFields(text="for li"),
        "twitter": PostFields(text="for x"),
    }
    found = expand(SPACE, [post(profiles=("x", "li", "fb"), variants=variants)], PROFILES)
    by_profile = {item.address.profile: (item.entry.text, item.campaign) for item in found.desired}
    assert by_profile == {"x": ("for x", ""), "li": ("for li", "c"), "fb": ("Hello", "")}


def test_false_is_a_word_as_well() -> None:
    variants = {"linkedin": PostFields(shorten=True, protect=True), "li": PostFields(shorten=False)}
    item = only(expand(SPACE, [post(variants=variants, link_card=False)], PROFILES))
    assert (item.entry.shorten, item.protect, item.entry.link_card) == (False, True, False)


def test_an_empty_list_takes_images_away() -> None:
    variants = {"li": PostFields(images=())}
    item = only(expand(SPACE, [post(images=(Image("https://a.example/i"),), variants=variants)],
                       PROFILES))  # fmt: skip
    assert item.entry.images == ()


def test_skip_leaves_a_profile_out_without_a_word() -> None:
    variants = {"x": PostFields(skip=True)}
    found = expand(SPACE, [post(profiles=("@all",), variants=variants)], PROFILES)
    assert [item.address.profile for item in found.desired] == ["li"]
    assert found.diagnostics == ()


@pytest.mark.parametrize(
    ("alias", "said", "hour", "zone"),
    [
        ("li", {}, 11, "Europe/Berlin"),
        ("fb", {}, 17, "America/New_York"),
        ("fb", {"timezone": "Asia/Tokyo"}, 3, "Asia/Tokyo"),
    ],
)
def test_the_zone_of_post_then_profile_then_workspace(
    alias: str, said: dict[str, Any], hour: int, zone: str
) -> None:
    item = only(expand(SPACE, [post(profiles=(alias,), schedule=NOON, **said)], PROFILES))
    assert item.entry.due_at == datetime(2026, 12, 1, hour, tzinfo=UTC)
    assert item.zone == zone


def test_the_zone_beside_the_time_is_the_one_that_is_shown() -> None:
    schedule = Schedule("2026-12-01 12:00", timezone="Asia/Tokyo")
    item = only(expand(SPACE, [post(profiles=("fb",), schedule=schedule)], PROFILES))
    assert (item.entry.due_at, item.zone) == (datetime(2026, 12, 1, 3, tzinfo=UTC), "Asia/Tokyo")


@pytest.mark.parametrize("position", list(QueuePosition))
def test_the_queue(position: QueuePosition) -> None:
    item = only(expand(SPACE, [post(schedule=Schedule(queue=position))], PROFILES))
    assert (item.entry.due_at, item.entry.queue) == (None, position)


def test_without_a_time_it_is_the_next_free_slot() -> None:
    assert only(expand(SPACE, [post()], PROFILES)).entry.queue is QueuePosition.NEXT


@pytest.mark.parametrize(
    "schedule", [NOON, Schedule("2026-12-01 12:00Z"), Schedule(queue=QueuePosition.NEXT)]
)
def test_a_zone_that_does_not_exist_never_gets_through(schedule: Schedule) -> None:
    """Times are shown in it, even if it does not decide them."""
    found = expand(SPACE, [post(schedule=schedule, timezone="Mars/Base")], PROFILES)
    assert (codes(found), found.desired) == (["PC402"], ())


def test_a_time_problem_is_told_once_for_all_profiles() -> None:
    schedule = Schedule("2027-10-31 02:30")
    found = expand(SPACE, [post(profiles=("x", "li"), schedule=schedule)], PROFILES)
    assert (codes(found), found.desired) == (["PC404"], ())


def test_a_time_problem_of_a_variant_is_shown_there() -> None:
    variants = {"li": PostFields(schedule=Schedule("never"))}
    (trouble,) = expand(SPACE, [post(variants=variants)], PROFILES).diagnostics
    assert trouble.at == Pointer("a.yaml", 0, ("variants", "li", "schedule"))


@pytest.mark.parametrize(
    ("said", "empty"),
    [
        ({"text": ""}, True),
        ({"text": " \n\t\n"}, True),
        ({"text": None}, True),
        ({"text": "", "link": Link("https://acme.example")}, False),
        ({"text": "", "images": (Image("https://acme.example/i"),)}, False),
    ],
)
def test_something_must_be_said(said: dict[str, Any], empty: bool) -> None:
    found = expand(SPACE, [post(**said)], PROFILES)
    assert codes(found) == (["PC207"] if empty else [])


def test_a_video_says_something_and_what_hangs_on_a_post_does_not() -> None:
    video = Video("https://acme.example/1.mp4")
    assert only(expand(SPACE, [post(text="", video=video)], PROFILES)).entry.video == video
    for more in ({"thread": (ThreadItem("Two."),)}, {"first_comment": "More."}):
        assert codes(expand(SPACE, [post(text="", **more)], PROFILES)) == ["PC207"]


def test_a_network_is_told_its_own_settings_alone() -> None:
    both = {"facebook": (("type", "reel"),), "twitter": (("ai_generated", True),)}
    found = expand(SPACE, [post(profiles=("x", "li", "fb"), metadata=both)], PROFILES).desired
    assert [item.entry.metadata for item in found] == [both["twitter"], (), both["facebook"]]


def test_layers_add_settings_and_replace_all_else() -> None:
    values: dict[str, Any] = {
        "metadata": {"facebook": (("b", "post"), ("type", "post"))},
        "thread": (ThreadItem("Two."),),
        "first_comment": "More.",
        "stage": Stage.DRAFT,
    }
    variants = {
        "facebook": PostFields(metadata={"facebook": (("a", True), ("type", "reel"))}),
        "fb": PostFields(metadata={"facebook": (("a", False),)}, thread=(), first_comment=""),
    }
    item = only(expand(SPACE, [post(profiles=("fb",), variants=variants, **values)], PROFILES))
    assert item.entry.metadata == (("a", False), ("b", "post"), ("type", "reel"))
    assert (item.entry.thread, item.entry.first_comment) == ((), "")
    assert item.entry.stage is Stage.DRAFT


def test_a_draft_here_and_a_draft_there_are_two_things() -> None:
    posts = [post("a", status=PostStatus.DRAFT, stage=Stage.DRAFT), post("b", stage=Stage.DRAFT)]
    found = expand(SPACE, posts, PROFILES)
    assert [item.entry.stage for item in (*found.drafted, *found.desired)] == [Stage.DRAFT] * 2
    assert [item.address.post for item in found.desired] == ["b"]


def test_a_text_is_trimmed_as_buffer_trims_it() -> None:
    assert only(expand(SPACE, [post(text="\n  two\n\n lines \n")], PROFILES)).entry.text == (
        "two\n\n lines"
    )


def test_the_second_post_with_an_id_is_left_out_and_names_the_first() -> None:
    first = Post("same", Pointer("one.yaml", 2), PostFields(text="1", profiles=("li",)))
    second = Post("same", Pointer("two.yaml"), PostFields(text="2", profiles=("li",)))
    found = expand(SPACE, [first, second], PROFILES)
    (trouble,) = found.diagnostics
    assert trouble.code == "PC205"
    assert "one.yaml, document 3" in trouble.detail
    assert trouble.at == Pointer("two.yaml", 0, ("id",))
    assert [item.entry.text for item in found.desired] == ["1"]


def test_a_draft_is_expanded_apart() -> None:
    found = expand(SPACE, [post(status=PostStatus.DRAFT), post("b")], PROFILES)
    assert [str(item.address) for item in found.drafted] == ["a@li"]
    assert [str(item.address) for item in found.desired] == ["b@li"]


def test_a_post_without_profiles() -> None:
    assert codes(expand(SPACE, [post(profiles=None)], PROFILES)) == ["PC209"]


@pytest.mark.parametrize("name", ["a b", "\u00fc", "a//b", "/a", "a/", "a@b", ""])
def test_an_id_that_no_address_can_hold(name: str) -> None:
    assert codes(expand(SPACE, [post(name)], PROFILES)) == ["PC208"]


def test_a_variant_for_nobody() -> None:
    found = expand(SPACE, [post(variants={"facebook": PostFields(text="t")})], PROFILES)
    assert codes(found) == ["PC307"]


def test_a_variant_of_defaults_is_for_other_posts_as_well() -> None:
    origins = {"variants/facebook": Pointer("_defaults.yaml", 0, ("variants", "facebook"))}
    variants = {"facebook": PostFields(text="t")}
    inherited = [replace(post(name, variants=variants), origins=origins) for name in ("a", "b")]
    assert codes(expand(SPACE, inherited, PROFILES)) == []


def test_a_variant_of_defaults_that_fits_no_post_at_all_is_reported_once() -> None:
    origins = {"variants/facebok": Pointer("_defaults.yaml", 0, ("variants", "facebok"))}
    variants = {"facebok": PostFields(text="t")}
    inherited = [replace(post(name, variants=variants), origins=origins) for name in ("a", "b")]
    found = expand(SPACE, inherited, PROFILES)
    assert [(item.code, item.hint) for item in found.diagnostics] == [
        ("PC316", "Did you mean `facebook`?")
    ]


def test_a_variant_for_a_service_that_is_not_known_offline() -> None:
    unknown = {"li": Profile("p2", "")}
    found = expand(SPACE, [post(variants={"tumblr": PostFields(text="t")})], unknown)
    assert codes(found) == []


YOUTUBE = {"youtube": (("category", "22"),)}


def test_settings_for_nobody() -> None:
    found = expand(SPACE, [post(metadata=YOUTUBE)], PROFILES)
    assert codes(found) == ["PC310"]
    inside = expand(SPACE, [post(variants={"li": PostFields(metadata=YOUTUBE)})], PROFILES)
    assert codes(inside) == ["PC310"]


def test_settings_of_defaults_are_for_other_posts_as_well() -> None:
    origins = {"metadata/youtube/category": Pointer("_defaults.yaml")}
    inherited = replace(post(metadata=YOUTUBE), origins=origins)
    assert codes(expand(SPACE, [inherited], PROFILES)) == []


def test_settings_for_a_service_that_is_not_known_offline() -> None:
    assert codes(expand(SPACE, [post(metadata=YOUTUBE)], {"li": Profile("p2", "")})) == []


def test_an_alias_that_is_not_bound_is_passed_over() -> None:
    found = expand(SPACE, [post(profiles=("@all",))], {"li": PROFILES["li"]})
    assert [str(item.address) for item in found.desired] == ["a@li"]


def test_drift_is_the_posts_word_then_the_policys() -> None:
    space = Workspace(root="", profiles=SPACE.profiles, policy=Policy(on_drift=OnDrift.FAIL))
    kept = expand(space, [post(), post("b", on_drift=OnDrift.KEEP)], PROFILES).desired
    assert [item.on_drift for item in kept] == [OnDrift.FAIL, OnDrift.KEEP]


@pytest.mark.parametrize("name", ["linkedin", "LinkedIn"])
def test_the_name_of_a_network_in_the_place_of_a_profile(name: str) -> None:
    (trouble,) = expand(SPACE, [post(profiles=(name,))], PROFILES).diagnostics
    assert trouble.code == "PC301"
    assert trouble.hint.endswith("write li.")


@pytest.mark.parametrize("name", ["Facebook", "FACEBOOK", "facebok"])
def test_a_variant_by_another_name_of_a_network(name: str) -> None:
    variants = {name: PostFields(text="t")}
    (trouble,) = expand(SPACE, [post(variants=variants)], PROFILES).diagnostics
    assert (trouble.code, trouble.hint) == ("PC307", "Did you mean `facebook`?")


def test_the_short_name_of_x_in_a_variant() -> None:
    variants = {"X": PostFields(text="t")}
    (trouble,) = expand(SPACE, [post(variants=variants)], {"li": PROFILES["li"]}).diagnostics
    assert (trouble.code, trouble.hint) == ("PC307", "Did you mean `twitter`?")
