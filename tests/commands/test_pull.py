"""`plancast pull`: what a person changed in Buffer, in the files of its authors."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.commands.workspace_dir import LINKEDIN, WorkspaceDir, X, applied


def edited(workspace: WorkspaceDir, find: str, on: str = X, **changes: Any) -> None:
    """A person changes one entry in Buffer."""
    with workspace.person() as world:
        (item,) = [
            item
            for item in world.snapshot()
            if item.content.text.startswith(find) and item.profile_id == on
        ]
        world.person_edit(item.id, **{"at": item.scheduled_at, **changes})


def pulled(workspace: WorkspaceDir, *args: str) -> None:
    """Pull, and see that nothing is left to do or to send."""
    live, sent = workspace.live(), workspace.requests()
    done = workspace.run("pull", "--auto-approve", *args)
    assert done.code == 0, done.err
    assert workspace.run("validate").code == 0
    plan = workspace.plan()
    assert [change["action"] for change in plan["changes"] if change["fields"]] == []
    assert plan["budget"]["requests"] == 0
    assert workspace.apply().code == 0
    assert (workspace.live(), workspace.requests()) == (live, sent)
    assert workspace.summary() == {"unchanged": len(plan["changes"])}


FILES: Mapping[str, tuple[str, dict[str, Any], str]] = {
    "a text": (
        "# of a person\nprofiles:   [x]\n\nschedule: 2026-12-01 09:30 # early\n"
        "text: 'Hello.'   # greeting\ntags: [a]\n",
        {"text": "Hello, it's me."},
        "# of a person\nprofiles:   [x]\n\nschedule: 2026-12-01 09:30 # early\n"
        "text: 'Hello, it''s me.'   # greeting\ntags: [a]\n",
    ),
    "a text that needs quotes now": (
        "profiles: [x]\nschedule: 2026-12-01 09:30\ntext: Hello.\n",
        {"text": "Hello: it # works"},
        'profiles: [x]\nschedule: 2026-12-01 09:30\ntext: "Hello: it # works"\n',
    ),
    "a text that becomes several lines": (
        "profiles: [x]\ntext: Hello. # greeting\nschedule: 2026-12-01 09:30\n",
        {"text": "Hello.\n\n- one\n- two 🎉"},
        "profiles: [x]\ntext: | # greeting\n  Hello.\n\n  - one\n  - two 🎉\n"
        "schedule: 2026-12-01 09:30\n",
    ),
    "a line of a block": (
        "text: |\n    Hello.\n\n    One.\n    Two.\n\n\n# when\nschedule: 2026-12-01 09:30\n"
        "profiles: [x]\n",
        {"text": "Hello.\n\nOne, or\nTwo."},
        "text: |\n    Hello.\n\n    One, or\n    Two.\n\n\n# when\nschedule: 2026-12-01 09:30\n"
        "profiles: [x]\n",
    ),
    "a folded text": (
        "text: >-\n  Hello,\n  you.\nprofiles: [x]\nschedule: 2026-12-01 09:30\n",
        {"text": "Hello, all of you."},
        "text: |-\n  Hello, all of you.\nprofiles: [x]\nschedule: 2026-12-01 09:30\n",
    ),
    "a time": (
        "profiles: [x]\nschedule: 2026-12-01 09:30 # early\ntext: Hello.\n",
        {"at": "2026-12-02T11:05:00Z"},
        "profiles: [x]\nschedule: 2026-12-02 12:05 # early\ntext: Hello.\n",
    ),
    "a time as the author writes it": (
        "profiles: [x]\nschedule: '2026-12-01T09:30'\ntext: Hello.\n",
        {"at": "2026-12-02T11:05:00Z"},
        "profiles: [x]\nschedule: '2026-12-02T12:05'\ntext: Hello.\n",
    ),
    "a time with an offset": (
        "profiles: [x]\nschedule: 2026-12-01 13:30 +05:00\ntext: Hello.\n",
        {"at": "2026-12-02T11:05:00Z"},
        "profiles: [x]\nschedule: 2026-12-02 16:05 +05:00\ntext: Hello.\n",
    ),
    "a time in a zone of its own": (
        "profiles: [x]\nschedule: {at: 2026-12-01 03:30, timezone: America/New_York}\n"
        "text: Hello.\n",
        {"at": "2026-12-02T11:05:00Z"},
        "profiles: [x]\nschedule: {at: 2026-12-02 06:05, timezone: America/New_York}\n"
        "text: Hello.\n",
    ),
    "a time that comes twice": (
        "profiles: [x]\nschedule: 2026-12-01 09:30\ntext: Hello.\n",
        {"at": "2027-10-31T01:30:00Z"},
        "profiles: [x]\nschedule: {at: 2027-10-31 02:30, fold: later}\ntext: Hello.\n",
    ),
    "a time that came twice": (
        "profiles: [x]\nschedule: {at: 2027-10-31 02:30, fold: later}\ntext: Hello.\n",
        {"at": "2026-12-02T11:05:00Z"},
        "profiles: [x]\nschedule: {at: 2026-12-02 12:05}\ntext: Hello.\n",
    ),
    "from the queue to a time": (
        "profiles: [x]\nschedule: queue\ntext: Hello.\n",
        {"at": "2026-12-02T11:05:00Z"},
        "profiles: [x]\nschedule: 2026-12-02 12:05\ntext: Hello.\n",
    ),
    "from a time to the queue": (
        "profiles: [x]\nschedule:\n  at: 2026-12-01 09:30\n  fold: later\ntext: Hello.\n",
        {"at": None, "queue": True},
        "profiles: [x]\nschedule: queue\ntext: Hello.\n",
    ),
    "both": (
        "profiles: [x]\nschedule: 2026-12-01 09:30\ntext: Hello.\n",
        {"text": "Later.", "at": "2026-12-02T11:05:00Z"},
        "profiles: [x]\nschedule: 2026-12-02 12:05\ntext: Later.\n",
    ),
    "a text with the link behind it": (
        "profiles: [x]\nschedule: 2026-12-01 09:30\ntext: Hello.\nlink: https://a.example/1\n",
        {"text": "Hello, you. https://a.example/1"},
        "profiles: [x]\nschedule: 2026-12-01 09:30\ntext: Hello, you.\nlink: https://a.example/1\n",
    ),
    "a text without its link": (
        "profiles: [x]\nschedule: 2026-12-01 09:30\ntext: Hello.\n"
        "link: https://a.example/1 # card\n",
        {"text": "Hello, you."},
        "profiles: [x]\nschedule: 2026-12-01 09:30\ntext: Hello, you.\n# card\n",
    ),
    "an image more": (
        "profiles: [x]\nschedule: 2026-12-01 09:30\ntext: Hello.\n",
        {"media": {"photo": "https://a.example/2.png"}},
        "profiles: [x]\nschedule: 2026-12-01 09:30\ntext: Hello.\n"
        "images:\n  - url: https://a.example/2.png\n",
    ),
    "an image less, which had an alternative text": (
        "profiles: [x]\nschedule: 2026-12-01 09:30\ntext: Hello.\n"
        "images:\n- {url: https://a.example/1.png, alt: A dog}\n",
        {"media": {}},
        "profiles: [x]\nschedule: 2026-12-01 09:30\ntext: Hello.\nimages: []\n",
    ),
    "another image for one with an alternative text": (
        "profiles: [x]\nschedule: 2026-12-01 09:30\ntext: Hello.\n"
        "images:\n- {url: https://a.example/1.png, alt: A dog}\n",
        {"media": {"photo": "https://a.example/2.png"}},
        "profiles: [x]\nschedule: 2026-12-01 09:30\ntext: Hello.\n"
        "images:\n- {url: https://a.example/2.png}\n",
    ),
    "another image": (
        "profiles: [x]\nschedule: 2026-12-01 09:30\ntext: Hello.\n"
        "images:\n- {url: https://a.example/1.png} # dog\n",
        {"media": {"photo": "https://a.example/2.png"}},
        "profiles: [x]\nschedule: 2026-12-01 09:30\ntext: Hello.\n"
        "images:\n- {url: https://a.example/2.png} # dog\n",
    ),
}


@pytest.mark.part(3)
@pytest.mark.parametrize("case", FILES)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_only_what_changed_changes_in_the_file(tmp_path: Path, case: str, end: str) -> None:
    before, change, after = FILES[case]
    mark = "\ufeff" if end == "\r\n" else ""
    workspace = WorkspaceDir.tiny(tmp_path, "{require_alt: off}")
    (tmp_path / "a.yaml").write_bytes((mark + before.replace("\n", end)).encode())
    assert workspace.apply().code == 0
    edited(workspace, "Hello", **change)
    pulled(workspace)
    assert (tmp_path / "a.yaml").read_bytes().decode() == mark + after.replace("\n", end)


# -- whose text it is ----

BOTH = "profiles: [x, li]\nschedule: 2026-12-01 09:30\ntext: Hello.\n"
LAYERS: Mapping[str, tuple[str, tuple[str, ...], str]] = {
    "alike on all": (BOTH, (X, LINKEDIN), BOTH.replace("Hello.", "By hand.")),
    "on one of two": (
        BOTH,
        (X,),
        f"{BOTH}variants:\n  x:\n    text: By hand.\n",
    ),
    "in a variant of the profile": (
        f"{BOTH}variants: {{x: {{text: Hello}}, li: {{schedule: 2026-12-01 09:30}}}}\n",
        (X,),
        f"{BOTH}variants: {{x: {{text: By hand.}}, li: {{schedule: 2026-12-01 09:30}}}}\n",
    ),
    "in a variant of the network": (
        f"{BOTH}variants:\n  twitter: # short\n    text: Hello\n",
        (X,),
        f"{BOTH}variants:\n  twitter: # short\n    text: By hand.\n",
    ),
    "beside a variant of another key": (
        f"{BOTH}variants:\n   x:\n      tags: [a] # only here\n   # the end\nprotect: true\n",
        (X,),
        f"{BOTH}variants:\n   x:\n      text: By hand.\n      tags: [a] # only here\n"
        "   # the end\nprotect: true\n",
    ),
    "into empty variants": (
        f"{BOTH}variants: {{}}\n",
        (X,),
        f"{BOTH}variants: {{x: {{text: By hand.}}}}\n",
    ),
    "another post of the file": (
        f"id: a\n{BOTH}---\n# second\nid: b\nprofiles: [x]\n"
        "schedule: 2026-12-05 10:00\ntext: Other.\n",
        (X, LINKEDIN),
        f"id: a\n{BOTH.replace('Hello.', 'By hand.')}---\n# second\nid: b\nprofiles: [x]\n"
        "schedule: 2026-12-05 10:00\ntext: Other.\n",
    ),
}


@pytest.mark.parametrize("case", LAYERS)
def test_a_value_is_written_where_it_comes_from(tmp_path: Path, case: str) -> None:
    before, profiles, after = LAYERS[case]
    workspace = applied(tmp_path, a=before)
    for profile in profiles:
        edited(workspace, "Hello", profile, text="By hand.")
    pulled(workspace)
    assert (tmp_path / "a.yaml").read_text() == after


def test_what_comes_from_defaults_is_written_into_the_post(tmp_path: Path) -> None:
    defaults = "profiles: [x]\nschedule: 2026-12-01 09:30\nlink: https://a.example/1\n"
    workspace = WorkspaceDir.tiny(tmp_path, a="text: Hello.\n", b="# b\nid: b\ntext: Hi.\n")
    workspace.write("_defaults.yaml", defaults)
    assert workspace.apply().code == 0
    edited(workspace, "Hello", at="2026-12-02T11:05:00Z")
    pulled(workspace)
    assert (tmp_path / "_defaults.yaml").read_text() == defaults
    assert (tmp_path / "a.yaml").read_text() == "schedule: 2026-12-02 12:05\ntext: Hello.\n"


def test_two_profiles_in_two_zones_each_get_their_own_time(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path, a=BOTH)
    workspace.edit(
        "plancast.yaml", "{service: linkedin}", "{service: linkedin, timezone: Asia/Tokyo}"
    )
    assert workspace.apply().code == 0
    for profile in (X, LINKEDIN):
        edited(workspace, "Hello", profile, at="2026-12-05T00:00:00Z")
    pulled(workspace)
    assert (tmp_path / "a.yaml").read_text() == (
        f"{BOTH}variants:\n  x:\n    schedule: 2026-12-05 01:00\n"
        "  li:\n    schedule: 2026-12-05 09:00\n"
    )


def test_of_a_markdown_post_the_text_below_is_written(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path)
    front = "---\r\nprofiles: [x] # loud\r\nschedule: 2026-12-01 09:30\r\n---\r\n\r\n"
    (tmp_path / "a.md").write_bytes(f"{front}Hello.\r\n\r\nBye.\r\n\r\n".encode())
    assert workspace.apply().code == 0
    edited(workspace, "Hello", text="Hello.\n\nSee you.", at="2026-12-02T11:05:00Z")
    pulled(workspace)
    assert (tmp_path / "a.md").read_bytes().decode() == (
        f"{front.replace('12-01 09:30', '12-02 12:05')}Hello.\r\n\r\nSee you.\r\n\r\n"
    )


PLAIN = "---\nprofiles: [x]\nschedule: 2026-12-01 09:30\nmarkdown: plain\n---\n\n"
PICTURE = "https://acme.example/1.png"
CONVERTED: Mapping[str, tuple[str, dict[str, Any], str]] = {
    "the blocks around the change stay": (
        "# Hello\n\n<!-- note -->\n\nSee *you*.\n\n- [a](https://acme.example)\n",
        {"text": "Hello\n\nSee *me*.\n\n• a (https://acme.example)"},
        "# Hello\n\n<!-- note -->\n\nSee \\*me\\*.\n\n- [a](https://acme.example)\n",
    ),
    "a text that looks like Markdown": (
        "**Hello**\n",
        {"text": "Hello\n\n# _1_\n- 2 ** 3\n  <b>"},
        "**Hello**\n\n\\# \\_1\\_\n\\- 2 \\*\\* 3\n&#32; \\<b>\n",
    ),
    "an image stays in the text": (
        f"Hello\n\n![a]({PICTURE})\n\n**Bye**\n",
        {"text": "Hello\n\nSee you"},
        f"Hello\n\n![a]({PICTURE})\n\nSee you\n",
    ),
}


@pytest.mark.parametrize("name", CONVERTED)
def test_a_converted_post_reads_back_as_what_was_pulled(name: str, tmp_path: Path) -> None:
    body, changes, after = CONVERTED[name]
    workspace = WorkspaceDir.tiny(tmp_path)
    workspace.write("a.md", PLAIN + body)
    assert workspace.apply().code == 0
    assert workspace.run("pull").out.startswith("Nothing to pull")
    edited(workspace, "Hello", **changes)
    pulled(workspace)
    assert (tmp_path / "a.md").read_text() == PLAIN + after


def test_of_a_converted_post_a_new_time_leaves_the_body(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path)
    workspace.write("a.md", f"{PLAIN}# Hello\n\n![a]({PICTURE})\n")
    assert workspace.apply().code == 0
    edited(workspace, "Hello", at="2026-12-02T11:05:00Z")
    pulled(workspace)
    after = PLAIN.replace("12-01 09:30", "12-02 12:05")
    assert (tmp_path / "a.md").read_text() == f"{after}# Hello\n\n![a]({PICTURE})\n"


def test_what_defaults_say_alone_gets_its_first_key(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path)
    workspace.write("_defaults.yaml", "profiles: [x]\nschedule: 2026-12-01 09:30\n")
    workspace.write("a.md", "---\n---\nHello.\n")
    assert workspace.apply().code == 0
    edited(workspace, "Hello", at="2026-12-02T11:05:00Z")
    pulled(workspace)
    assert (tmp_path / "a.md").read_text() == "---\nschedule: 2026-12-02 12:05\n---\nHello.\n"
