"""Import: the live queue becomes files and is owned, and nobody's post changes on the way."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plancast.model.exit_codes import ExitCode
from plancast.sandbox.faults import Fault, FaultKind
from plancast.sandbox.v1.errors import ApiError
from plancast.sandbox.values import Update
from tests.commands.desk import LINKEDIN, NOW, Desk, X, post, workspace

AT = "2026-12-01T08:30:00Z"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A workspace without posts, and a queue that people filled."""
    desk = Desk.tiny(tmp_path)
    with desk.person() as world:
        world.person_create(X, "The same on two profiles.", at=AT)
        world.person_create(LINKEDIN, "The same on two profiles.", at=AT)
        world.person_create(X, "Read this: https://acme.example/launch", at="2026-12-02T08:30:07Z")
        world.person_create(LINKEDIN, "Whenever there is room.")
        world.person_create(
            LINKEDIN,
            "With a picture.",
            at="2026-12-03T08:30:00Z",
            media={"photo": "https://images.acme.example/a.png"},
        )
    return desk


def imported(desk: Desk, *args: str) -> tuple[Update, ...]:
    """Import, and what stood in the queue before."""
    before = tuple(desk.live())
    result = desk.run("import", "--auto-approve", *args)
    assert result.code == 0, result.err
    return before


def test_after_an_import_there_is_nothing_to_do(desk: Desk) -> None:
    before = imported(desk)
    assert desk.run("validate").code == 0
    assert desk.summary() == {"unchanged": 5}
    assert desk.apply().code == 0
    assert desk.live() == before
    assert desk.requests() == {}


def test_what_is_the_same_on_two_profiles_is_one_file(desk: Desk) -> None:
    imported(desk)
    assert len(list((desk.folder / "imported").iterdir())) == 4
    listed = desk.run("state", "list").out.split()
    assert "imported/2026-12-01-the-same-on-two-profiles@li" in listed
    assert "imported/2026-12-01-the-same-on-two-profiles@x" in listed


def test_a_second_import_imports_nothing(desk: Desk) -> None:
    imported(desk)
    files, state = desk.files(), desk.state_file.read_bytes()
    again = desk.run("import", "--auto-approve")
    assert again.code == 0
    assert "Nothing to import" in again.out
    assert desk.files() == files
    assert json.loads(desk.state_file.read_bytes())["resources"] == json.loads(state)["resources"]


def test_an_imported_post_can_be_edited_and_is_the_same_entry(desk: Desk) -> None:
    before = imported(desk)
    desk.edit("imported/2026-12-03-with-a-picture.yaml", "With a picture.", "With a caption.")
    assert desk.summary() == {"update": 1, "unchanged": 4}
    assert desk.apply().code == 0
    assert {item.id for item in desk.live()} == {item.id for item in before}


@pytest.mark.parametrize("answer", ["", "no\n", "y\n", "YES\n", "yes please\n"])
def test_without_a_yes_nothing_is_written(desk: Desk, answer: str) -> None:
    files = desk.files()
    result = desk.run("import", stdin=answer)
    assert result.code == ExitCode.ERROR
    assert desk.files() == files
    assert desk.run("state", "list").out == ""


@pytest.mark.parametrize("into", ["..", "../elsewhere", "/tmp/elsewhere", "a/../../b", "posts/.."])
def test_nothing_is_written_outside_of_the_workspace(desk: Desk, into: str) -> None:
    files = desk.files()
    result = desk.run("import", "--auto-approve", "--into", into)
    assert (result.code, result.codes) == (ExitCode.ERROR, ["PC004"])
    assert desk.files() == files
    assert desk.summary() == {"unmanaged": 5}


@pytest.mark.parametrize("into", ["é b", "a b", "a\x1b[2J", "a@b"])
def test_a_folder_that_no_id_can_begin_with_is_refused(desk: Desk, into: str) -> None:
    files = desk.files()
    result = desk.run("import", "--auto-approve", "--into", into)
    assert (result.code, result.codes) == (ExitCode.ERROR, ["PC208"])
    assert desk.files() == files


def test_a_link_that_leads_outside_is_not_followed(
    desk: Desk, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (desk.folder / "imported").symlink_to(outside)
    result = desk.run("import", "--auto-approve")
    assert (result.code, result.codes) == (ExitCode.ERROR, ["PC004"])
    assert list(outside.iterdir()) == []
    assert desk.run("state", "list").out == ""


PLACES = {
    "hidden": (".", ".hidden"),
    "of another tool": (".", "node_modules"),
    "beside a glob of content": ("'posts/*.yaml'", "imported"),
    "beside a file of content": ("posts/b.yaml", "imported"),
}


@pytest.mark.parametrize("place", PLACES)
def test_what_no_plan_would_read_is_not_owned(desk: Desk, place: str) -> None:
    """Owned and asked for by no file means: destroyed by the next apply."""
    content, into = PLACES[place]
    desk.write("posts/b.yaml", post("Another.", "2026-12-24 09:30"))
    desk.write("plancast.yaml", workspace() + f"content: {content}\n")
    files = desk.files()
    refused = desk.run("import", "--auto-approve", "--into", into)
    assert (refused.code, refused.codes) == (ExitCode.ERROR, ["PC007"])
    assert desk.files() == files
    assert desk.summary() == {"create": 1, "unmanaged": 5}


DEFAULTS = {
    "drafts": "{status: draft}",
    "a link": "{link: 'https://acme.example/'}",
    "a picture": "{images: [{url: 'https://images.acme.example/b.png', alt: B}]}",
    "a time zone": "{timezone: America/New_York}",
    "a variant": "{variants: {x: {text: Replaced.}}}",
    "a skipped profile": "{variants: {li: {skip: true}}}",
    "a profile": "{profiles: [x]}",
}


@pytest.mark.parametrize("defaults", DEFAULTS)
@pytest.mark.parametrize("place", ["workspace", "folder"])
def test_defaults_change_nothing_that_people_made(desk: Desk, defaults: str, place: str) -> None:
    if place == "workspace":
        desk.write("plancast.yaml", workspace() + f"defaults: {DEFAULTS[defaults]}\n")
    else:
        desk.write("_defaults.yaml", DEFAULTS[defaults] + "\n")
    before = desk.live()
    desk.run("import", "--auto-approve")
    assert not {"destroy", "create", "update"} & desk.summary().keys()
    assert desk.apply().code == 0
    assert desk.live() == before


TAKEN_BACK = {
    "tags": "{tags: [acme]}",
    "a campaign": "{tags: [acme], campaign: spring}",
    "a thread": "{thread: [More.]}",
    "a comment": "{first_comment: More.}",
    "a picture": "{images: [{url: 'https://images.acme.example/b.png', alt: B}]}",
    "a draft in Buffer": "{stage: draft}",
    "a shortening": "{shorten: true}",
    "no card": "{link_card: false}",
}


@pytest.mark.parametrize("defaults", TAKEN_BACK)
@pytest.mark.parametrize("api", ["v1", "graphql"])
def test_what_defaults_say_and_the_queue_has_not_is_taken_back(
    desk: Desk, defaults: str, api: str
) -> None:
    provider = f"{{name: sandbox, api: {api}, clock: {NOW}}}"
    space = workspace(provider=provider) + f"defaults: {TAKEN_BACK[defaults]}\n"
    desk.write("plancast.yaml", space)
    before = desk.live()
    imported(desk)
    assert desk.summary() == {"unchanged": 5}
    assert desk.apply().code == 0
    assert desk.live() == before


def test_existing_files_are_never_overwritten(desk: Desk) -> None:
    name = "imported/2026-12-03-with-a-picture.yaml"
    desk.write(name, "id: my-own\n" + post("My own words.", "2026-12-24 09:30"))
    content = desk.files()[name]
    desk.run("import", "--auto-approve")
    assert desk.files()[name] == content
    assert "destroy" not in desk.summary()
    done = desk.apply()
    assert done.code == 0, done.err
    assert "My own words." in desk.texts()
    assert len(desk.live()) == 6


def test_an_import_that_fails_half_way_leaves_nothing_behind(desk: Desk) -> None:
    desk.write("imported/2026-12-03-with-a-picture.yaml/in-the-way", "")
    files = desk.files()
    failed = desk.run("import", "--auto-approve")
    assert (failed.code, failed.codes) == (ExitCode.ERROR, ["PC007"])
    assert desk.files() == files
    assert desk.summary() == {"unmanaged": 5}


def test_what_may_be_ours_is_not_imported_before_that_is_known(tmp_path: Path) -> None:
    desk = Desk.tiny(tmp_path, a=post("Lost on the way."))
    with desk.person() as world:
        world.set_setting("duplicates", False)
        world.arm(Fault(FaultKind.LOST_ANSWER, "POST /updates/create.json"))
    assert desk.apply("--no-wait").code == ExitCode.UNKNOWN
    desk.edit("a.yaml", "Lost on the way.", "Other words.")
    refused = desk.run("import", "--auto-approve")
    assert (refused.code, refused.codes) == (ExitCode.UNKNOWN, ["PC904"])
    assert desk.apply().code == 0
    assert desk.texts() == ["Other words."]


def test_an_id_that_is_taken_gets_a_number(desk: Desk) -> None:
    desk.write("imported/2026-12-03-with-a-picture.yaml", post("Mine.", "2026-12-24 09:30"))
    imported(desk)
    assert (desk.folder / "imported" / "2026-12-03-with-a-picture-2.yaml").is_file()
    assert desk.summary() == {"create": 1, "unchanged": 5}


def test_without_its_state_an_import_asks_for_nothing_twice(desk: Desk) -> None:
    imported(desk)
    files = desk.files()
    desk.lose_state()
    desk.run("import", "--auto-approve")
    assert desk.files() == files, "what the files ask for already is adopted, not written again"
    assert desk.run("validate").code == 0
    assert desk.apply().errors == ["PC625"]
    assert desk.apply("--allow-new-state").code == 0
    assert desk.summary() == {"unchanged": 5}


def test_twins_by_hand_are_not_both_imported_and_not_removed(tmp_path: Path) -> None:
    desk = Desk.tiny(tmp_path)
    with desk.person() as world:
        world.set_setting("duplicates", False)
        for _ in range(2):
            world.person_create(X, "Twice.", at=AT)
    before = imported(desk)
    assert desk.summary() == {"unchanged": 1, "unmanaged": 1}
    assert desk.apply().code == 0
    assert desk.live() == before


def test_only_the_profiles_of_the_workspace_are_imported(desk: Desk) -> None:
    with desk.person() as world:
        world.person_create("4eb854340acb04e870000015", "On another network.", at=AT)
    imported(desk)
    assert len(desk.run("state", "list").out.split()) == 5


def test_an_empty_queue_is_no_error(tmp_path: Path) -> None:
    desk = Desk.tiny(tmp_path)
    result = desk.run("import", "--auto-approve")
    assert (result.code, list(desk.files())) == (0, ["plancast.yaml"])


# -- whatever people write ----

HOSTILE = [
    "no: yes",
    "- a list\n- of two",
    "# a remark",
    "'quoted' \"twice\"",
    "---\nid: stolen\n---",
    "text: |\n  nested",
    "&anchor *alias !!tag",
    "{{ template }} ${variable} `command`",
    "../../etc/passwd",
    "\u202eright to left\u202c",
    "tab\there",
    "  blanks around  ",
    "trailing blank \nand more",
    "emoji 👩‍👩‍👧 and \U0001f600",
    "nul-like \\0 and \\x00",
    "🎉",
    "12:30",
    "null",
    "~",
    "%TAG ! tag:x",
    "line\u2028separator",
    "x" * 200,
    "@mention #tag",
    "a\n\n\n\nb",
    "a\r\nb",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_any_text_survives_an_import(tmp_path: Path, text: str) -> None:
    desk = Desk.tiny(tmp_path)
    with desk.person() as world:
        world.person_create(X, text, at=AT)
    before = imported(desk)
    assert desk.run("validate").code == 0
    assert desk.summary() == {"unchanged": 1}
    assert desk.apply().code == 0
    assert desk.live() == before
    assert all(name.startswith("imported/") for name in desk.files() if name != "plancast.yaml")


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60))
def test_whatever_a_queue_holds_an_import_leaves_it_alone(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    desk = Desk.tiny(tmp_path_factory.mktemp("import"))
    try:
        with desk.person() as world:
            world.person_create(X, text, at=AT)
    except ApiError:
        return  # Buffer does not take it either
    before = imported(desk)
    assert desk.summary() == {"unchanged": 1}
    assert desk.live() == before


@pytest.mark.parametrize(
    "at",
    [
        "2026-03-29T00:59:59Z",
        "2026-03-29T01:00:00Z",
        "2026-10-25T00:30:00Z",
        "2026-10-25T01:30:00Z",
        "2027-01-01T00:00:00Z",
    ],
)
def test_any_time_survives_an_import(tmp_path: Path, at: str) -> None:
    provider = "{name: sandbox, clock: 2026-01-01T00:00:00Z}"
    desk = Desk.tiny(tmp_path, provider=provider)
    with desk.person() as world:
        world.person_create(X, "At an odd time.", at=at)
    before = imported(desk)
    assert desk.summary() == {"unchanged": 1}
    assert desk.live() == before
