"""`plancast pull`: what it shows and asks, and what no file can say."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.commands.test_pull import BOTH, edited, pulled
from tests.commands.workspace_dir import LINKEDIN, WorkspaceDir, X, applied, post

# -- what it shows and asks ----


def test_nothing_is_written_before_it_was_shown_and_agreed_to(tmp_path: Path) -> None:
    workspace = applied(tmp_path, a=post("Hello."))
    edited(workspace, "Hello", text="By \u2066hand\u202e.")
    before = workspace.files()
    declined = workspace.run("pull", stdin="y\n")
    assert (declined.code, workspace.files()) == (1, before)
    assert "a.yaml · a@x" in declined.out
    assert '-text: "Hello."' in declined.out
    assert "hand" in declined.out
    assert not {"\u2066", "\u202e"} & set(declined.out)
    assert "Nothing was written." in declined.err
    agreed = workspace.run("pull", stdin="yes\n")
    assert agreed.code == 0
    assert "1 file written" in agreed.err
    assert workspace.files() != before
    pulled(workspace)


def test_a_text_that_no_plan_would_take_is_not_written(tmp_path: Path) -> None:
    workspace = applied(tmp_path, a=post("Hello."))
    workspace.rewrite_live("Hello.", "By \x1b[31mhand.")
    before = workspace.files()
    refused = workspace.run("pull", "--auto-approve")
    assert (refused.code, refused.errors, workspace.files()) == (1, ["PC524"], before)
    assert "\x1b" not in refused.out + refused.err


def test_where_nobody_changed_anything_nothing_is_asked(tmp_path: Path) -> None:
    workspace = applied(tmp_path, a=post("Hello."))
    quiet = workspace.run("pull")
    assert (quiet.code, quiet.err) == (0, "")
    assert quiet.out == "Nothing to pull: nobody changed in Buffer what plancast made.\n"


def test_an_edit_that_the_file_holds_already_is_no_edit(tmp_path: Path) -> None:
    workspace = applied(tmp_path, a=post("Hello."))
    edited(workspace, "Hello", text="By hand.")
    workspace.edit("a.yaml", "Hello.", "By hand.")
    before = workspace.files()
    assert workspace.run("pull").code == 0
    assert workspace.files() == before


def test_a_target_leaves_the_rest_alone(tmp_path: Path) -> None:
    workspace = applied(tmp_path, a=BOTH, b=post("Bye.", "2026-12-02 09:30"))
    for find, profile in (("Hello", X), ("Hello", LINKEDIN), ("Bye", X)):
        edited(workspace, find, profile, text=f"{find} by hand.")
    assert workspace.run("pull", "--auto-approve", "a@x").code == 0
    assert (tmp_path / "b.yaml").read_text() == post("Bye.", "2026-12-02 09:30")
    assert (tmp_path / "a.yaml").read_text() == (
        f"{BOTH}variants:\n  x:\n    text: Hello by hand.\n"
    )
    assert workspace.run("pull", "--auto-approve", "nobody@x").codes == ["PC311"]
    pulled(workspace)


def test_an_edit_of_the_file_that_waits_is_kept(tmp_path: Path) -> None:
    workspace = applied(tmp_path, a=post("Hello."))
    edited(workspace, "Hello", text="By hand.")
    workspace.edit("a.yaml", "09:30", "10:45")
    assert workspace.run("pull", "--auto-approve").code == 0
    assert (tmp_path / "a.yaml").read_text() == post("By hand.", "2026-12-01 10:45")
    (change,) = workspace.plan()["changes"]
    assert [leaf["path"] for leaf in change["fields"]] == ["due_at"]
    assert workspace.apply().code == 0
    assert workspace.summary() == {"unchanged": 1}


def test_where_both_changed_the_same_the_person_is_taken_at_their_word(tmp_path: Path) -> None:
    workspace = applied(tmp_path, a=post("Hello."))
    edited(workspace, "Hello", text="By hand.")
    workspace.edit("a.yaml", "Hello.", "By the author.")
    pulled(workspace)
    assert workspace.texts() == ["By hand."]


@pytest.mark.parametrize("rule", ["overwrite", "keep", "fail"])
def test_whatever_on_drift_says_it_can_be_pulled(tmp_path: Path, rule: str) -> None:
    workspace = applied(tmp_path, a=post("Hello.", more=f"on_drift: {rule}\n"))
    edited(workspace, "Hello", text="By hand.")
    pulled(workspace)


# -- what no file can say ----


def test_what_a_person_removed_is_told(tmp_path: Path) -> None:
    workspace = applied(tmp_path, a=post("Hello."))
    with workspace.person() as world:
        world.person_delete(world.snapshot()[0].id)
    before = workspace.files()
    done = workspace.run("pull", "--auto-approve")
    assert (done.code, done.codes, workspace.files()) == (0, ["PC709"], before)
    assert "a.yaml:1:1" in done.err
    assert "status: draft" in done.err


def test_an_image_that_only_buffer_knows_is_told(tmp_path: Path) -> None:
    workspace = applied(tmp_path, "{require_alt: off}", a=post("Hello."), b=post("Bye.", on="li"))
    copy = "https://buffer-media-uploads.s3.amazonaws.com/1.png"
    edited(workspace, "Hello", media={"photo": copy})
    edited(workspace, "Bye", LINKEDIN, text="Bye by hand.")
    done = workspace.run("pull", "--auto-approve")
    assert (done.code, done.codes) == (0, ["PC709"])
    assert (tmp_path / "a.yaml").read_text() == post("Hello.")
    assert (tmp_path / "b.yaml").read_text() == post("Bye by hand.", on="li")


def test_a_file_with_anchors_is_told_and_left(tmp_path: Path) -> None:
    odd = "profiles: [x]\nschedule: 2026-12-01 09:30\ntext: &t Hello.\ncampaign: *t\n"
    workspace = applied(tmp_path, a=odd, b=post("Bye.", "2026-12-02 09:30"))
    edited(workspace, "Hello", text="By hand.")
    edited(workspace, "Bye", text="Bye by hand.")
    done = workspace.run("pull", "--auto-approve")
    assert (done.code, done.codes) == (0, ["PC709"])
    assert (tmp_path / "a.yaml").read_text() == odd
    assert (tmp_path / "b.yaml").read_text() == post("Bye by hand.", "2026-12-02 09:30")


def test_a_link_of_the_defaults_cannot_be_taken_away(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path, a=post("Hello."), b=post("Bye.", "2026-12-02 09:30"))
    workspace.write("_defaults.yaml", "link: https://a.example/1\n")
    assert workspace.apply().code == 0
    edited(workspace, "Hello", text="Hello, you.")
    before = workspace.files()
    done = workspace.run("pull", "--auto-approve")
    assert (done.code, done.codes, workspace.files()) == (0, ["PC709"], before)


def test_what_the_files_must_not_say_is_an_error_and_nothing_is_written(tmp_path: Path) -> None:
    workspace = applied(
        tmp_path,
        "{freeze: [{from: 2026-12-24, to: 2026-12-27}]}",
        a=post("Hello."),
        b=post("Bye.", "2026-12-02 09:30"),
    )
    edited(workspace, "Hello", at="2026-12-25T10:00:00Z")
    edited(workspace, "Bye", text="Bye by hand.")
    before = workspace.files()
    done = workspace.run("pull", "--auto-approve")
    assert (done.code, done.codes, workspace.files()) == (1, ["PC407"], before)
    assert "a.yaml:2" in done.err


def test_a_read_only_file_stops_it_before_the_first_is_written(tmp_path: Path) -> None:
    workspace = applied(tmp_path, a=post("Hello."), b=post("Bye.", "2026-12-02 09:30"))
    edited(workspace, "Hello", text="By hand.")
    edited(workspace, "Bye", text="Bye by hand.")
    (tmp_path / "b.yaml").chmod(0o444)
    before = workspace.files()
    done = workspace.run("pull", "--auto-approve")
    assert (done.code, done.codes, workspace.files()) == (1, ["PC007"], before)


def test_broken_files_are_told_before_anything_is_read(tmp_path: Path) -> None:
    workspace = applied(tmp_path, a=post("Hello."))
    workspace.write("b.yaml", "a: [\n")
    assert workspace.run("pull").errors == ["PC101"]


def test_a_text_of_ten_thousand_signs(tmp_path: Path) -> None:
    workspace = applied(tmp_path, a=post("Hello.", on="li"))
    edited(workspace, "Hello", LINKEDIN, text="Hop 🐇 on. " * 250 + "\n\n# not a comment: [")
    pulled(workspace)


# -- what goes out before the next apply ----


def test_what_was_pulled_and_then_goes_out_is_no_edit(tmp_path: Path) -> None:
    """The file says what went out, although no apply came in between."""
    workspace = applied(tmp_path, a=post("Hello."), b=post("Bye.", "2026-12-24 09:30"))
    edited(workspace, "Hello", text="By hand.")
    assert workspace.run("pull", "--auto-approve").code == 0
    with workspace.person() as world:
        world.set_clock("2026-12-02T12:00:00Z")
    for verb in (("plan",), ("apply", "--auto-approve"), ("plan",), ("status",)):
        done = workspace.run(*verb)
        assert (done.code, done.codes) == (0, []), verb
    assert workspace.summary()["unchanged"] == 1


EDITS = {
    "a text": (post("Hello."), post("Hello!"), True),
    "a text for the queue": (
        post("Hello.", "queue"),
        f"{post('Hello!', 'queue')}was: a\n",
        True,
    ),
    # Its author may wait for it, and it never comes.
    "a time that is to come": (
        post("Hello."),
        f"{post('Hello!', '2026-12-20 09:30')}was: a\n",
        False,
    ),
}


@pytest.mark.parametrize("case", EDITS)
def test_an_edit_of_what_went_out_is_reported_until_an_apply_showed_it(
    case: str, tmp_path: Path
) -> None:
    before, after, ends = EDITS[case]
    workspace = applied(tmp_path, a=before)
    with workspace.person() as world:
        world.set_clock("2026-12-03T12:00:00Z")
    workspace.write("a.yaml", after)
    for verb in (("plan",), ("plan",), ("apply", "--auto-approve")):
        assert workspace.run(*verb).codes == ["PC901"], "a plan alone records nothing"
    assert workspace.run("plan").codes == ([] if ends else ["PC901"])
    workspace.edit("a.yaml", "Hello!", "Hello?")
    assert workspace.run("plan").codes == ["PC901"], "another edit"


# -- short links ----

TWO_LINKS = "See https://acme.example/a and https://acme.example/b!"


def test_links_that_a_persons_edit_shortened_stay_the_authors(tmp_path: Path) -> None:
    workspace = applied(tmp_path, a=post(TWO_LINKS))
    edited(workspace, "See", text="Look: https://buff.ly/1 and https://buff.ly/2")
    done = workspace.run("pull", "--auto-approve")
    assert (done.code, done.codes) == (0, [])
    words = "Look: https://acme.example/a and https://acme.example/b"
    assert words in (tmp_path / "a.yaml").read_text()
    assert workspace.apply().code == 0
    assert workspace.texts() == [words], "`shorten` is off, so the author's links go out"


def test_a_short_link_of_which_nobody_knows_the_target_is_reported(tmp_path: Path) -> None:
    workspace = applied(tmp_path, a=post(TWO_LINKS))
    edited(workspace, "See", text="Look: https://buff.ly/1")
    done = workspace.run("pull", "--auto-approve")
    assert (done.code, done.codes) == (0, ["PC711"])
    assert "https://buff.ly/1" in done.err
    assert "Look: https://buff.ly/1" in (tmp_path / "a.yaml").read_text()
    assert workspace.run("pull").codes == []
