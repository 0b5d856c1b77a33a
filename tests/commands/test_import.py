"""Import: the live queue becomes files and is owned, and no post changes on the way."""

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
from tests.commands.workspace_dir import LINKEDIN, NOW, WorkspaceDir, X, post, workspace_yaml

pytestmark = pytest.mark.part(4)

AT = "2026-12-01T08:30:00Z"


@pytest.fixture
def workspace(tmp_path: Path) -> WorkspaceDir:
    """A workspace without posts, and a queue that people filled."""
    workspace = WorkspaceDir.tiny(tmp_path)
    with workspace.person() as world:
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
    return workspace


def imported(workspace: WorkspaceDir, *args: str) -> tuple[Update, ...]:
    """Import, and what stood in the queue before."""
    before = tuple(workspace.live())
    result = workspace.run("import", "--auto-approve", *args)
    assert result.code == 0, result.err
    return before


def test_after_an_import_there_is_nothing_to_do(workspace: WorkspaceDir) -> None:
    before = imported(workspace)
    assert workspace.run("validate").code == 0
    assert workspace.summary() == {"unchanged": 5}
    assert workspace.apply().code == 0
    assert workspace.live() == before
    assert workspace.requests() == {}


def test_what_is_the_same_on_two_profiles_is_one_file(workspace: WorkspaceDir) -> None:
    imported(workspace)
    assert len(list((workspace.folder / "imported").iterdir())) == 4
    listed = workspace.run("state", "list").out.split()
    assert "imported/2026-12-01-the-same-on-two-profiles@li" in listed
    assert "imported/2026-12-01-the-same-on-two-profiles@x" in listed


def test_a_second_import_imports_nothing(workspace: WorkspaceDir) -> None:
    imported(workspace)
    files, state = workspace.files(), workspace.state_file.read_bytes()
    again = workspace.run("import", "--auto-approve")
    assert again.code == 0
    assert "Nothing to import" in again.out
    assert workspace.files() == files
    assert (
        json.loads(workspace.state_file.read_bytes())["resources"] == json.loads(state)["resources"]
    )


def test_an_imported_post_can_be_edited_and_is_the_same_entry(workspace: WorkspaceDir) -> None:
    before = imported(workspace)
    workspace.edit("imported/2026-12-03-with-a-picture.yaml", "With a picture.", "With a caption.")
    assert workspace.summary() == {"update": 1, "unchanged": 4}
    assert workspace.apply().code == 0
    assert {item.id for item in workspace.live()} == {item.id for item in before}


@pytest.mark.parametrize("answer", ["", "no\n", "y\n", "YES\n", "yes please\n"])
def test_without_a_yes_nothing_is_written(workspace: WorkspaceDir, answer: str) -> None:
    files = workspace.files()
    result = workspace.run("import", stdin=answer)
    assert result.code == ExitCode.ERROR
    assert workspace.files() == files
    assert workspace.run("state", "list").out == ""


@pytest.mark.parametrize("into", ["..", "../elsewhere", "/tmp/elsewhere", "a/../../b", "posts/.."])
def test_nothing_is_written_outside_of_the_workspace(workspace: WorkspaceDir, into: str) -> None:
    files = workspace.files()
    result = workspace.run("import", "--auto-approve", "--into", into)
    assert (result.code, result.codes) == (ExitCode.ERROR, ["PC004"])
    assert workspace.files() == files
    assert workspace.summary() == {"unmanaged": 5}


@pytest.mark.parametrize("into", ["é b", "a b", "a\x1b[2J", "a@b"])
def test_a_folder_that_no_id_can_begin_with_is_refused(workspace: WorkspaceDir, into: str) -> None:
    files = workspace.files()
    result = workspace.run("import", "--auto-approve", "--into", into)
    assert (result.code, result.codes) == (ExitCode.ERROR, ["PC208"])
    assert workspace.files() == files


def test_a_link_that_leads_outside_is_not_followed(
    workspace: WorkspaceDir, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (workspace.folder / "imported").symlink_to(outside)
    result = workspace.run("import", "--auto-approve")
    assert (result.code, result.codes) == (ExitCode.ERROR, ["PC004"])
    assert list(outside.iterdir()) == []
    assert workspace.run("state", "list").out == ""


PLACES = {
    "hidden": (".", ".hidden"),
    "of another tool": (".", "node_modules"),
    "beside a glob of content": ("'posts/*.yaml'", "imported"),
    "beside a file of content": ("posts/b.yaml", "imported"),
}


@pytest.mark.parametrize("place", PLACES)
def test_what_no_plan_would_read_is_not_owned(workspace: WorkspaceDir, place: str) -> None:
    """Owned and asked for by no file means: destroyed by the next apply."""
    content, into = PLACES[place]
    workspace.write("posts/b.yaml", post("Another.", "2026-12-24 09:30"))
    workspace.write("plancast.yaml", workspace_yaml() + f"content: {content}\n")
    files = workspace.files()
    refused = workspace.run("import", "--auto-approve", "--into", into)
    assert (refused.code, refused.codes) == (ExitCode.ERROR, ["PC007"])
    assert workspace.files() == files
    assert workspace.summary() == {"create": 1, "unmanaged": 5}


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
def test_defaults_change_nothing_that_people_made(
    workspace: WorkspaceDir, defaults: str, place: str
) -> None:
    if place == "workspace":
        workspace.write("plancast.yaml", workspace_yaml() + f"defaults: {DEFAULTS[defaults]}\n")
    else:
        workspace.write("_defaults.yaml", DEFAULTS[defaults] + "\n")
    before = workspace.live()
    workspace.run("import", "--auto-approve")
    assert not {"destroy", "create", "update"} & workspace.summary().keys()
    assert workspace.apply().code == 0
    assert workspace.live() == before


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
    workspace: WorkspaceDir, defaults: str, api: str
) -> None:
    provider = f"{{name: sandbox, api: {api}, clock: {NOW}}}"
    space = workspace_yaml(provider=provider) + f"defaults: {TAKEN_BACK[defaults]}\n"
    workspace.write("plancast.yaml", space)
    before = workspace.live()
    imported(workspace)
    assert workspace.summary() == {"unchanged": 5}
    assert workspace.apply().code == 0
    assert workspace.live() == before


def test_existing_files_are_never_overwritten(workspace: WorkspaceDir) -> None:
    name = "imported/2026-12-03-with-a-picture.yaml"
    workspace.write(name, "id: my-own\n" + post("My own words.", "2026-12-24 09:30"))
    content = workspace.files()[name]
    workspace.run("import", "--auto-approve")
    assert workspace.files()[name] == content
    assert "destroy" not in workspace.summary()
    done = workspace.apply()
    assert done.code == 0, done.err
    assert "My own words." in workspace.texts()
    assert len(workspace.live()) == 6


def test_an_import_that_fails_half_way_leaves_nothing_behind(workspace: WorkspaceDir) -> None:
    workspace.write("imported/2026-12-03-with-a-picture.yaml/in-the-way", "")
    files = workspace.files()
    failed = workspace.run("import", "--auto-approve")
    assert (failed.code, failed.codes) == (ExitCode.ERROR, ["PC007"])
    assert workspace.files() == files
    assert workspace.summary() == {"unmanaged": 5}


def test_what_may_be_ours_is_not_imported_before_that_is_known(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path, a=post("Lost on the way."))
    with workspace.person() as world:
        world.set_setting("duplicates", False)
        world.arm(Fault(FaultKind.LOST_ANSWER, "POST /updates/create.json"))
    assert workspace.apply("--no-wait").code == ExitCode.UNKNOWN
    workspace.edit("a.yaml", "Lost on the way.", "Other words.")
    refused = workspace.run("import", "--auto-approve")
    assert (refused.code, refused.codes) == (ExitCode.UNKNOWN, ["PC904"])
    assert workspace.apply().code == 0
    assert workspace.texts() == ["Other words."]


def test_an_id_that_is_taken_gets_a_number(workspace: WorkspaceDir) -> None:
    workspace.write("imported/2026-12-03-with-a-picture.yaml", post("Mine.", "2026-12-24 09:30"))
    imported(workspace)
    assert (workspace.folder / "imported" / "2026-12-03-with-a-picture-2.yaml").is_file()
    assert workspace.summary() == {"create": 1, "unchanged": 5}


def test_without_its_state_an_import_asks_for_nothing_twice(workspace: WorkspaceDir) -> None:
    imported(workspace)
    files = workspace.files()
    workspace.lose_state()
    workspace.run("import", "--auto-approve")
    assert workspace.files() == files, (
        "what the files ask for already is adopted, not written again"
    )
    assert workspace.run("validate").code == 0
    assert workspace.apply().errors == ["PC625"]
    assert workspace.apply("--allow-new-state").code == 0
    assert workspace.summary() == {"unchanged": 5}


def test_twins_by_hand_are_not_both_imported_and_not_removed(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path)
    with workspace.person() as world:
        world.set_setting("duplicates", False)
        for _ in range(2):
            world.person_create(X, "Twice.", at=AT)
    before = imported(workspace)
    assert workspace.summary() == {"unchanged": 1, "unmanaged": 1}
    assert workspace.apply().code == 0
    assert workspace.live() == before


def test_only_the_profiles_of_the_workspace_are_imported(workspace: WorkspaceDir) -> None:
    with workspace.person() as world:
        world.person_create("4eb854340acb04e870000015", "On another network.", at=AT)
    imported(workspace)
    assert len(workspace.run("state", "list").out.split()) == 5


def test_an_empty_queue_is_no_error(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path)
    result = workspace.run("import", "--auto-approve")
    assert (result.code, list(workspace.files())) == (0, ["plancast.yaml"])


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
    workspace = WorkspaceDir.tiny(tmp_path)
    with workspace.person() as world:
        world.person_create(X, text, at=AT)
    before = imported(workspace)
    assert workspace.run("validate").code == 0
    assert workspace.summary() == {"unchanged": 1}
    assert workspace.apply().code == 0
    assert workspace.live() == before
    assert all(
        name.startswith("imported/") for name in workspace.files() if name != "plancast.yaml"
    )


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60))
def test_whatever_a_queue_holds_an_import_leaves_it_alone(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    workspace = WorkspaceDir.tiny(tmp_path_factory.mktemp("import"))
    try:
        with workspace.person() as world:
            world.person_create(X, text, at=AT)
    except ApiError:
        return  # Buffer does not take it either
    before = imported(workspace)
    assert workspace.summary() == {"unchanged": 1}
    assert workspace.live() == before


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
    workspace = WorkspaceDir.tiny(tmp_path, provider=provider)
    with workspace.person() as world:
        world.person_create(X, "At an odd time.", at=at)
    before = imported(workspace)
    assert workspace.summary() == {"unchanged": 1}
    assert workspace.live() == before
